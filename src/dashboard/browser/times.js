/**
 * Shows every `<time datetime>` in the zone of the reader, with the exact time as its tooltip. Without this script the text of the
 * server stands, in UTC. What is put into the page later is shown the same way before it is painted.
 */

const { lang } = document.documentElement;
// English dates are written as ISO 8601 has them, like those of the server (`createFormats`): Canada writes them so.
const dates = new Intl.DateTimeFormat(lang === 'en' ? 'en-CA' : lang, {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
});
const hours = new Intl.DateTimeFormat(lang, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const exact = new Intl.DateTimeFormat(lang, { dateStyle: 'full', timeStyle: 'long' });

/** @param {Element} element */
function show(element) {
  const iso = element.getAttribute('datetime');
  const at = new Date(iso ?? '');
  if (Number.isNaN(at.getTime())) return;
  const text = `${dates.format(at)} ${hours.format(at)}`;
  if (element.textContent === text) return;
  element.textContent = text;
  element.setAttribute('title', `${exact.format(at)}\n${iso}`);
}

/** @param {Node} node */
function showAllIn(node) {
  const element = node instanceof Element ? node : node.parentElement;
  const own = element?.closest('time[datetime]');
  if (own) show(own);
  else for (const time of element?.querySelectorAll('time[datetime]') ?? []) show(time);
}

showAllIn(document.documentElement);
new MutationObserver((changes) => {
  for (const { target } of changes) showAllIn(target);
}).observe(document.documentElement, {
  ...{ subtree: true, childList: true, characterData: true },
  attributeFilter: ['datetime'],
});
