/**
 * Says when parts of the page can no longer be refreshed, once, and takes it back when they can again. Islands that read by
 * themselves (server-sent events) report what they meet as the events `connection:lost` and `connection:found` of the document.
 */

const banner = document.querySelector('.connection');

/** @param {string} text `''` hides the banner */
function say(text) {
  if (banner !== null && banner.textContent !== text) banner.textContent = text;
}

const lost = () => say(banner?.getAttribute('data-lost') ?? '');
const found = () => say('');

document.addEventListener('connection:lost', lost);
document.addEventListener('connection:found', found);
document.addEventListener('htmx:error', lost);
document.addEventListener('htmx:after:request', (event) => {
  const { status } = /** @type {CustomEvent} */ (event).detail.ctx.response;
  if (status === 401) say(banner?.getAttribute('data-logged-out') ?? '');
  else if (status >= 400) lost();
  else found();
});
