import type { Request, Response } from 'express';
import { commandsAsTyped } from '../runtime/command-form.ts';
import { html, type Html } from '../text/html.ts';
import { LANGUAGES } from '../text/messages/languages.ts';
import { messagesOf } from '../text/messages/messages-of.ts';
import { plainText } from '../text/plain-text.ts';
import { moduleTag, scriptTag, stylesheetTag } from './asset-tags.ts';
import { NAVIGATION } from './navigation.ts';
import { styleNonceOf } from './protective-headers.ts';
import { readerOf, type Reader } from './reader.ts';

const MAX_NAME_LENGTH = 40;

/** Of htmx: no styles and no history of its own, and the answer to a failed refresh never replaces what is shown. */
const HTMX_SETTINGS = JSON.stringify({
  includeIndicatorCSS: false,
  history: false,
  noSwap: [204, 304, '4xx', '5xx'],
  // What a reader has opened stays open.
  morphIgnore: ['data-htmx-powered', 'open'],
});

/** How a page is sent. */
export interface PageOptions {
  /** The HTTP status; 200 when left out. */
  readonly status?: number;
  /** False on the pages of people who have not logged in. */
  readonly hasNavigation?: boolean;
  /** Its content is fetched again after this time, without a reload where there are scripts. */
  readonly refreshSeconds?: number | undefined;
  /** Where the switch of the language returns to; the address of the request when left out. */
  readonly path?: string;
}

/**
 * Sends a page in the language of its reader, within the frame that all pages have.
 * @param body a `main` element, and perhaps a `footer`
 */
export function sendPage(
  request: Request,
  response: Response,
  title: string,
  body: Html,
  { status = 200, path = request.originalUrl, ...options }: PageOptions = {},
): void {
  const frame = { ...options, path, reader: readerOf(request), styleNonce: styleNonceOf(response) };
  const page = renderPage(title, body, frame);
  response.status(status).type('html').send(page);
}

interface Frame extends Omit<PageOptions, 'status'> {
  readonly path: string;
  readonly reader: Reader;
  readonly styleNonce: string;
}

function renderPage(title: string, body: Html, frame: Frame): string {
  const { hasNavigation = true, refreshSeconds, path, reader, styleNonce } = frame;
  const { frame: texts, language } = reader.messages;
  const document = html`<!doctype html>
    <html lang="${language}" data-style-nonce="${styleNonce}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="htmx-config" content="${HTMX_SETTINGS}" />
        <title>${title} · Sonothèque</title>
        ${stylesheetTag('style.css')}
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
        ${
          refreshSeconds === undefined
            ? undefined
            : html`<noscript><meta http-equiv="refresh" content="${refreshSeconds}" /></noscript>`
        }
        ${scriptTag('htmx.js')} ${moduleTag('times.js')} ${moduleTag('connection.js')}
      </head>
      <body>
        <a class="skip" href="#content">${texts.skipLink}</a>
        ${hasNavigation ? renderHeader(path, reader) : undefined}
        <p
          class="connection"
          role="status"
          data-lost="${texts.connection.lost}"
          data-logged-out="${texts.connection.loggedOut}"
        ></p>
        <div
          id="content"
          tabindex="-1"
          ${refreshSeconds === undefined ? undefined : refreshing(path, refreshSeconds)}
        >
          ${body}
        </div>
        ${hasNavigation ? undefined : renderLanguageSwitch(path, reader)}
      </body>
    </html> `;
  return commandsAsTyped(document.markup);
}

/** The content morphs into the new one, so that focus, selection and scroll position stay. */
function refreshing(path: string, seconds: number): Html {
  return html`hx-get="${path}" hx-trigger="every ${seconds}s" hx-select="#content" hx-swap="outerMorph"`;
}

function renderHeader(path: string, reader: Reader): Html {
  const { visitor, messages } = reader;
  const { name, role, hasSession } = visitor;
  const { frame: texts } = messages;
  return html`<header>
    <a class="name" href="/" ${currentMark('/', path)}>Sonothèque</a>
    <nav aria-label="${texts.navigationLabel}">
      ${NAVIGATION.map(
        (entry) =>
          html`<a href="${entry.path}" ${currentMark(entry.path, path)}>${texts.navigation[entry.name]}</a> `,
      )}
    </nav>
    ${
      name === undefined
        ? undefined
        : html`<span class="visitor"
            >${plainText(name, MAX_NAME_LENGTH)} <small>${texts.roles[role]}</small></span
          >`
    }
    ${
      hasSession
        ? html`<form method="post" action="/logout"><button class="plain">${texts.logOut}</button></form>`
        : undefined
    }
    ${renderLanguageSwitch(path, reader)}
  </header>`;
}

/** Marks the page itself, and the entry that a page below it belongs to. */
function currentMark(entry: string, path: string): Html | undefined {
  const [pathname = ''] = path.split('?', 1);
  if (pathname === entry) return html`aria-current="page"`;
  return entry !== '/' && pathname.startsWith(`${entry}/`) ? html`aria-current="true"` : undefined;
}

/** A form, so that it works without script; each language is written in itself. */
function renderLanguageSwitch(path: string, { messages }: Reader): Html {
  const others = LANGUAGES.filter((language) => language !== messages.language);
  return html`<form class="languages" method="post" action="/language">
    <input type="hidden" name="next" value="${path}" />
    ${others.map(
      (language) =>
        html`<button class="plain" name="language" value="${language}" lang="${language}">
          ${messagesOf(language).ownName}
        </button>`,
    )}
  </form>`;
}
