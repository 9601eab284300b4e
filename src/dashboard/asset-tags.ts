import { html, type Html } from '../text/html.ts';
import { assetPath } from './assets.ts';

/** A script of a package that is no module, such as htmx; it runs once the page is parsed. */
export function scriptTag(name: string): Html {
  return html`<script src="${assetPath(name)}" defer></script>`;
}

/** An island: a module of `browser/` that gives life to a part of a page. The tag may stand anywhere in the page. */
export function moduleTag(name: string): Html {
  return html`<script type="module" src="${assetPath(name)}"></script>`;
}

/** A style sheet; that of an island may stand beside it. */
export function stylesheetTag(name: string): Html {
  return html`<link rel="stylesheet" href="${assetPath(name)}" />`;
}
