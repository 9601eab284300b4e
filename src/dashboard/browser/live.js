/**
 * Reads the overview anew when the server says that something has changed (server-sent events); htmx does the reading and keeps
 * focus, selection and scroll position. What is lost and found again is told by `connection.js`.
 */

const source = document.querySelector('[data-events]')?.getAttribute('data-events');

/** @param {string} name */
const tell = (name) => document.dispatchEvent(new CustomEvent(name));
const readAnew = () => document.body.dispatchEvent(new CustomEvent('live'));

function connect() {
  if (!source) return;
  const events = new EventSource(source);
  let wasLost = false;
  events.addEventListener('changed', readAnew);
  events.addEventListener('open', () => {
    if (wasLost) {
      tell('connection:found');
      readAnew();
    }
    wasLost = false;
  });
  events.addEventListener('error', () => {
    // The server ends each stream after a while, and the browser connects again: that alone is no loss.
    if (events.readyState === EventSource.CLOSED) {
      // Refused: the page tells why when it is read, such as a login that has ended.
      readAnew();
    } else
      setTimeout(() => {
        if (events.readyState !== EventSource.CONNECTING) return;
        wasLost = true;
        tell('connection:lost');
      }, 8_000);
  });
  // A page that nobody looks at needs no stream.
  addEventListener('pagehide', () => events.close(), { once: true });
}

connect();
addEventListener('pageshow', (event) => {
  if (event.persisted) connect();
});
