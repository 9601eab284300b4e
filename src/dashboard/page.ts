import { commandsAsTyped } from '../runtime/command-form.ts';
import { html, type Html } from '../text/html.ts';
import { plainText } from '../text/plain-text.ts';
import type { Visitor } from './access.ts';
import { NAVIGATION } from './pages.ts';

const MAX_NAME_LENGTH = 40;

/** The optional parts of the frame around a page. */
export interface PageFrame {
  /** Links to the other pages, and whose login this is; left out on the login page. */
  readonly navigation?: { readonly visitor: Visitor };
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
        ${navigation === undefined ? undefined : renderNavigation(navigation.visitor)}${body}
      </body>
    </html> `;
  return commandsAsTyped(document.markup);
}

function renderNavigation({ name, role, hasSession }: Visitor): Html {
  return html`<header>
    <a class="name" href="/">Sonothèque</a>
    <nav>${NAVIGATION.map(({ path, title }) => html`<a href="${path}">${title}</a> `)}</nav>
    ${name === undefined ? undefined : html`<span class="visitor">${plainText(name, MAX_NAME_LENGTH)} <small>${role}</small></span>`}
    ${
      hasSession
        ? html`<form method="post" action="/logout"><button class="plain">Log out</button></form>`
        : undefined
    }
  </header>`;
}
