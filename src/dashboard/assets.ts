import { Router } from 'express';

const STYLE = `:root {
  color-scheme: light dark;
  --ground: light-dark(#fafaf7, #14171a);
  --card: light-dark(#fff, #1d2125);
  --ink: light-dark(#1d2125, #e6e6e1);
  --faint: light-dark(#5b636b, #9aa3ab);
  --line: light-dark(#e1e1da, #31373d);
  --accent: light-dark(#0b6e4f, #5fc9a4);
  --bad: light-dark(#b3261e, #ff8a80);
  --warn: light-dark(#8a5a00, #f0b95a);
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; align-items: center; padding: .75rem 1.25rem;
  background: var(--card); border-bottom: 1px solid var(--line); }
header nav { display: flex; gap: 1.25rem; flex: 1; }
.name { font-weight: 700; color: var(--ink); text-decoration: none; }
a { color: var(--accent); }
main { max-width: 68rem; margin: 0 auto; padding: 1.25rem; }
h1 { font-size: 1.5rem; margin: .25rem 0 1rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .6rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); gap: .75rem; margin: 0; }
.figures div { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .9rem; }
.figures dt { color: var(--faint); font-size: .85rem; }
.figures dd { margin: 0; font-size: 1.4rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
.figures .bad dd { color: var(--bad); }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .45rem .8rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--faint); font-size: .85rem; font-weight: 600; white-space: nowrap; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.text { min-width: 12rem; overflow-wrap: anywhere; }
small { display: block; color: var(--faint); }
.notes { margin: 0 0 1.5rem; padding: .8rem 1rem .8rem 2rem; border: 1px solid var(--line); border-radius: .5rem; }
.notes li { margin: .3rem 0; }
.bad { color: var(--bad); }
.warn { color: var(--warn); }
.faint { color: var(--faint); }
footer { max-width: 68rem; margin: 0 auto; padding: 0 1.25rem 2rem; color: var(--faint); font-size: .85rem; }
.login { max-width: 22rem; margin-top: 12vh; }
.login form { display: grid; gap: 1rem; background: var(--card); border: 1px solid var(--line);
  border-radius: .5rem; padding: 1.25rem; }
label { display: grid; gap: .25rem; }
input, button { font: inherit; padding: .5rem .7rem; border: 1px solid var(--line); border-radius: .35rem;
  background: var(--ground); color: var(--ink); }
button { cursor: pointer; background: var(--accent); color: var(--card); border-color: transparent; font-weight: 600; }
button.plain { padding: 0; background: none; color: var(--accent); font-weight: 400; text-decoration: underline; }
.problem { margin: 0; color: var(--bad); }
code { overflow-wrap: anywhere; }
`;

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b6e4f"/><path d="M7 13v6M12 9v14M17 6v20M22 11v10M26 14v4" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/></svg>`;

/** The style sheet and the icon of our own pages; they hold nothing secret and need no login. */
export function createAssets(): Router {
  const router = Router();
  router.get('/style.css', (_request, response) => {
    response.set('cache-control', 'max-age=3600').type('css').send(STYLE);
  });
  router.get('/icon.svg', (_request, response) => {
    response.set('cache-control', 'max-age=3600').type('svg').send(ICON);
  });
  return router;
}
