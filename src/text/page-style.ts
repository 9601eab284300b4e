/**
 * The rules that the pages of the dashboard and the self-contained reports share, with the colours of both themes. Every colour of
 * text has a contrast of 4.5 at least on `--ground`, `--card` and `--raised` (WCAG 1.4.3); `--edge`, the outline of controls, has 3
 * (WCAG 1.4.11).
 */
export const BASE_STYLE = `:root { color-scheme: light dark; --ground: #fafaf7; --card: #fff; --raised: #f1f1ec; --ink: #1d2125; --faint: #575f67;
  --line: #e1e1da; --edge: #7f8790; --accent: #0b6e4f; --on-accent: #fff; --bad: #b3261e; --warn: #825500; --radius: .5rem; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171a; --card: #1d2125; --raised: #272c31; --ink: #e6e6e1; --faint: #a3acb4;
  --line: #31373d; --edge: #7d868f; --accent: #5fc9a4; --on-accent: #10241c; --bad: #ff8a80; --warn: #f0b95a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
main { max-width: 72rem; margin: 0 auto; padding: 1.25rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .25rem 0 1rem; overflow-wrap: anywhere; text-wrap: balance; }
h2 { font-size: 1.1rem; line-height: 1.3; margin: 2rem 0 .6rem; }
h3 { font-size: 1rem; line-height: 1.3; margin: 1.25rem 0 .4rem; }
a { color: var(--accent); }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(8.5rem, 100%), 1fr)); gap: .75rem; margin: 0; }
.figures div { min-width: 0; background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); padding: .6rem .9rem; }
.figures dt { color: var(--faint); font-size: .85rem; }
.figures dd { margin: 0; font-size: 1.4rem; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .45rem .8rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--faint); font-size: .85rem; font-weight: 600; white-space: nowrap; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.text { min-width: 12rem; overflow-wrap: anywhere; }
td time { white-space: nowrap; font-variant-numeric: tabular-nums; }
small { display: block; color: var(--faint); font-size: .85rem; }
.faint { color: var(--faint); }
.bad { color: var(--bad); }
.warn { color: var(--warn); }
@media (max-width: 40rem) {
  main { padding: 1rem; }
  .figures { gap: .5rem; grid-template-columns: repeat(auto-fill, minmax(min(7rem, 100%), 1fr)); }
  .figures dd { font-size: 1.2rem; }
  .scroll { overflow: visible; background: none; border: 0; border-radius: 0; }
  table, tbody, tr, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  tr { background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); padding: .35rem 0; margin: 0 0 .6rem; }
  td { display: flow-root; padding: .2rem .9rem .2rem 8rem; border: 0; overflow-wrap: anywhere; }
  td::before { content: attr(data-label); float: left; white-space: normal; width: 6.6rem; margin-left: -7.1rem; color: var(--faint); font-size: .85rem;
    line-height: 1.76; }
  td:empty { display: none; }
  td.number { text-align: left; }
  td.number + td.number, td.number:has(+ td.number) { display: inline-block; padding: .2rem .9rem; }
  td.number + td.number::before, td.number:has(+ td.number)::before { float: none; display: block; width: auto; margin: 0; line-height: 1.3; }
  td.text { min-width: 0; }
}
@media print { .scroll { overflow: visible; } }
`;
