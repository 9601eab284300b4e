import { html, type Html } from '../text/html.ts';

/** Which parts of the frame a page has. */
export interface PageFrame {
  /** Links to the other pages; left out on the login page. */
  readonly navigation?: { readonly canLogOut: boolean };
  /** The page loads itself again after this time. */
  readonly refreshSeconds?: number;
}

/** Puts the frame around a page. @returns the whole document. */
export function renderPage(title: string, body: Html, frame: PageFrame = {}): string {
  const { navigation, refreshSeconds } = frame;
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        ${
          refreshSeconds === undefined
            ? undefined
            : html`<meta http-equiv="refresh" content="${refreshSeconds}" />`
        }
        <title>${title} · Sonothèque</title>
        <link rel="stylesheet" href="/style.css" />
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
      </head>
      <body>
        ${navigation === undefined ? undefined : renderNavigation(navigation.canLogOut)}${body}
      </body>
    </html> `;
  return document.markup;
}

function renderNavigation(canLogOut: boolean): Html {
  return html`<header>
    <a class="name" href="/">Sonothèque</a>
    <nav>
      <a href="/queues/">Queues</a> <a href="/health">Collection</a> <a href="/reports">Reports</a>
      <a href="/metrics">Metrics</a> <a href="/api/status">JSON</a>
    </nav>
    ${
      canLogOut
        ? html`<form method="post" action="/logout"><button class="plain">Log out</button></form>`
        : undefined
    }
  </header>`;
}
