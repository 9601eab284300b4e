import { Router } from 'express';
import { BASE_STYLE } from '../text/page-style.ts';

const STYLE = `${BASE_STYLE}
header { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; align-items: center; padding: .75rem 1.25rem;
  background: var(--card); border-bottom: 1px solid var(--line); }
header nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; flex: 1; }
@media (max-width: 50rem) { header nav { order: 1; flex-basis: 100%; } header .name { flex: 1; } }
.visitor { overflow-wrap: anywhere; }
.visitor small { display: inline; }
.name { font-weight: 700; color: var(--ink); text-decoration: none; }
a { color: var(--accent); }
.figures .bad dd { color: var(--bad); }
.notes { margin: 0 0 1.5rem; padding: .8rem 1rem .8rem 2rem; border: 1px solid var(--line); border-radius: .5rem; }
.notes li { margin: .3rem 0; }
.bad { color: var(--bad); }
.warn { color: var(--warn); }
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
.filters { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; margin: 0 0 1rem; }
.filters label { font-size: .85rem; color: var(--faint); }
.filters input, .filters select { max-width: 12rem; }
select { font: inherit; padding: .5rem .7rem; border: 1px solid var(--line); border-radius: .35rem;
  background: var(--ground); color: var(--ink); }
textarea { font: inherit; width: 100%; padding: .5rem .7rem; border: 1px solid var(--line); border-radius: .35rem;
  background: var(--ground); color: var(--ink); }
.add { display: grid; gap: .5rem; justify-items: start; margin: 0 0 1rem; }
.add label { width: 100%; }
.actions { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
.notice { padding: .6rem 1rem; border: 1px solid var(--accent); border-radius: .5rem; }
.trouble { padding: .2rem 1rem; margin: 0 0 1rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--card); }
.trouble pre { white-space: pre-wrap; overflow-wrap: anywhere; }
audio { width: 100%; max-width: 32rem; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.25rem; margin: 0; }
.facts dt { color: var(--faint); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
`;

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b6e4f"/><path d="M7 13v6M12 9v14M17 6v20M22 11v10M26 14v4" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/></svg>`;

/** The style sheet and the icon of our own pages; they contain nothing secret and need no login. */
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
