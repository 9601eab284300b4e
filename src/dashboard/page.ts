import { html, type Html } from '../text/html.ts';
import { NAVIGATION } from './pages.ts';

/** The optional parts of the frame around a page. */
export interface PageFrame {
  /** Links to the other pages; left out on the login page. */
  readonly navigation?: { readonly canLogOut: boolean };
  /** The page reloads itself after this time. */
  readonly refreshSeconds?: number | undefined;
}

/** Puts the frame around a page. @returns the HTML document. */
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
    <nav>${NAVIGATION.map(({ path, title }) => html`<a href="${path}">${title}</a> `)}</nav>
    ${
      canLogOut
        ? html`<form method="post" action="/logout"><button class="plain">Log out</button></form>`
        : undefined
    }
  </header>`;
}
