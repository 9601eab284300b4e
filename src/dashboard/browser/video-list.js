/**
 * The list of videos: selects all of a page, and keeps the address of the browser that of the list that is shown. The list works
 * without it.
 */

const boxes = () =>
  /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll('#video-form input[name="id"]'));
const all = () =>
  /** @type {HTMLInputElement | null} */ (document.querySelector('#video-form [data-select-all]'));

/** The box for all says whether all, some or none are selected. */
function show() {
  const box = all();
  if (box === null) return;
  const states = Array.from(boxes(), ({ checked }) => checked);
  box.checked = states.length > 0 && states.every(Boolean);
  box.indeterminate = !box.checked && states.includes(true);
  box.closest('label')?.removeAttribute('hidden');
}

document.addEventListener('change', ({ target }) => {
  const box = all();
  if (target === box && box !== null) for (const other of boxes()) other.checked = box.checked;
  show();
});

document.addEventListener('htmx:after:swap', (event) => {
  show();
  const list = document.querySelector('#video-list');
  const address = list?.getAttribute('data-address');
  if (!address || address === location.pathname + location.search) return;
  history.pushState(null, '', address);
  // The switch of the language returns to what is shown.
  document.querySelector('.languages [name="next"]')?.setAttribute('value', address);
  shown = location.pathname + location.search;
  // Another page of the list is read from its beginning.
  if (event.target instanceof Element && event.target.closest('.pages') !== null) list?.scrollIntoView();
});

// The pages of a list are entries of the history, which the server renders. A jump within the page is none of them.
let shown = location.pathname + location.search;
addEventListener('popstate', () => {
  if (location.pathname + location.search !== shown) location.reload();
});

show();
