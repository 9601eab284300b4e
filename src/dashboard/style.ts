import { BASE_STYLE } from '../text/page-style.ts';

/**
 * The style sheet of our own pages. Whatever can be pressed is 24 px high at least (WCAG 2.5.8); what has the focus of the keyboard
 * has an outline.
 */
export const STYLE = `${BASE_STYLE}
:focus-visible, input[type='date']:focus-within, input[type='datetime-local']:focus-within { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: .2rem; }
#content:focus { outline: none; }
.skip { position: absolute; top: 0; left: 0; z-index: 1; padding: .6rem 1rem; background: var(--card); transform: translateY(-120%); }
.skip:focus { transform: none; }
header { display: flex; flex-wrap: wrap; gap: .35rem 1.25rem; align-items: center; padding: .6rem 1.25rem; background: var(--card);
  border-bottom: 1px solid var(--line); }
header nav { display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; flex: 1; }
header nav a, .name { display: inline-block; padding: .2rem 0; min-height: 1.5rem; text-decoration: none; border-bottom: 2px solid transparent; }
header nav a:hover { text-decoration: underline; }
header nav a[aria-current] { color: var(--ink); font-weight: 600; border-bottom-color: var(--accent); }
.name { font-weight: 700; color: var(--ink); }
.visitor { overflow-wrap: anywhere; }
.visitor small { display: inline; }
.connection { margin: 0; padding: .5rem 1.25rem; background: var(--warn); color: var(--card); }
.connection:empty { padding: 0; }
.notes { margin: 0 0 1.5rem; padding: .8rem 1rem .8rem 2rem; border: 1px solid var(--line); border-radius: var(--radius); background: var(--card); }
.notes li { margin: .3rem 0; }
.figures .bad dd, .figures .bad a { color: var(--bad); }
footer { max-width: 72rem; margin: 0 auto; padding: 0 1.25rem 2rem; color: var(--faint); font-size: .85rem; }
label { display: grid; gap: .25rem; }
input, button, select, textarea { font: inherit; color: inherit; padding: .4rem .7rem; border: 1px solid var(--edge); border-radius: .35rem;
  background: var(--ground); max-width: 100%; }
input[type='checkbox'], input[type='radio'] { width: 1.5rem; height: 1.5rem; min-height: 0; margin: 0; accent-color: var(--accent); }
input, select, button, .button { min-height: 2.4rem; }
textarea { width: 100%; }
button, .button { cursor: pointer; background: var(--accent); color: var(--on-accent); border: 1px solid transparent; font-weight: 600; }
.button { display: inline-block; padding: .4rem .7rem; border-radius: .35rem; text-decoration: none; }
button.quiet, .button.quiet { background: var(--card); color: var(--accent); border-color: var(--edge); }
button.danger { background: var(--card); color: var(--bad); border-color: var(--bad); }
button.plain { padding: .15rem 0; min-height: 1.5rem; background: none; color: var(--accent); border: 0; font-weight: 400; text-decoration: underline; }
button:disabled, form.htmx-request button { opacity: .6; cursor: default; }
.languages { display: flex; gap: .75rem; }
body > .languages { justify-content: center; margin: 1rem; }
.login { max-width: 24rem; margin-top: 10vh; }
.login form { display: grid; gap: 1rem; background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); padding: 1.25rem; }
.problem { margin: 0 0 1rem; color: var(--bad); }
.login .problem { margin: 0; }
.empty { padding: 1.5rem; text-align: center; color: var(--faint); background: var(--card); border: 1px dashed var(--edge); border-radius: var(--radius); }
code { overflow-wrap: anywhere; padding: 0 .25em; background: var(--raised); border-radius: .25rem; font-size: .92em; }
.filters { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; margin: 0 0 1rem; }
.filters label { font-size: .85rem; color: var(--faint); }
.filters input, .filters select { width: 12rem; color: var(--ink); }
.chips, .pages, .exports { display: flex; flex-wrap: wrap; gap: .5rem 1rem; margin: .6rem 0; padding: 0; list-style: none; }
.chips li a { display: inline-block; padding: .2rem .7rem; border: 1px solid var(--edge); border-radius: 1rem; background: var(--card); text-decoration: none; overflow-wrap: anywhere; }
.chips li a.clear { border-color: transparent; background: none; text-decoration: underline; }
.bulk { margin: 1rem 0; border: 1px solid var(--line); border-radius: var(--radius); background: var(--card); }
.bulk label, .select-all:not([hidden]) { display: flex; gap: .6rem; align-items: center; margin: .4rem 0; }
.select-all[hidden] { display: none; }
progress { width: 100%; max-width: 32rem; accent-color: var(--accent); }
.notice p { margin: 0; }
.add { display: grid; gap: .5rem; justify-items: start; margin: 0 0 1rem; }
.add label { width: 100%; }
.actions { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin: .6rem 0; }
fieldset.settings { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(16rem, 100%), 1fr)); gap: .75rem; margin: 0 0 1rem; padding: 1rem; border: 1px solid var(--line); border-radius: var(--radius); background: var(--card); }
label.inline { display: flex; gap: .5rem; align-items: center; }
.notice { padding: .6rem 1rem; border: 1px solid var(--accent); border-radius: var(--radius); background: var(--card); }
.trouble { padding: .2rem 1rem; margin: 0 0 1rem; border: 1px solid var(--line); border-left: 4px solid var(--bad); border-radius: var(--radius); background: var(--card); }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
.waveform { cursor: pointer; margin: .5rem 0; padding: .25rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--card); }
.hint { color: var(--faint); font-size: .85rem; }
td p { margin: .3rem 0; }
summary { cursor: pointer; padding: .15rem 0; }
audio { width: 100%; max-width: 32rem; }
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .3rem 1.25rem; margin: 0; }
.facts dt { color: var(--faint); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 50rem) { header { padding: .5rem 1rem; } header nav { order: 1; flex-basis: 100%; } header .name { flex: 1; } }
@media (max-width: 40rem) {
  .facts { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .facts dd { margin: 0 0 .5rem; }
  .filters { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .filters input, .filters select { width: 100%; }
}
@media print { header, .skip, form { display: none; } }
`;
