/** Markup that is safe to send: made by `html`, which escapes every value. */
export class Html {
  readonly markup: string;
  constructor(markup: string) {
    this.markup = markup;
  }
}

/** The types of values in an `html` template. */
export type HtmlValue = string | number | Html | readonly HtmlValue[] | undefined;

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

const SPECIAL = /[&<>"']/;
const ALL_SPECIAL = /[&<>"']/g;
/** A line end with what indents the next line in the source. */
const INDENT = /\n +/g;

/** The texts of each template without indents, which are a third of a page. */
const compact = new WeakMap<TemplateStringsArray, readonly string[]>();

/**
 * Escapes the values of the template unless they are Html; joins lists; leaves out undefined. Indents of the template itself are
 * left out: white space of our own that matters stands in a value.
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let texts = compact.get(strings);
  if (texts === undefined) {
    texts = strings.map((text) => text.replaceAll(INDENT, '\n'));
    compact.set(strings, texts);
  }
  let markup = texts[0] ?? '';
  for (const [index, value] of values.entries()) markup += markupOf(value) + (texts[index + 1] ?? '');
  return new Html(markup);
}

function markupOf(value: HtmlValue): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return SPECIAL.test(value) ? escaped(value) : value;
  if (typeof value === 'number') return String(value);
  if (value instanceof Html) return value.markup;
  let markup = '';
  for (const one of value) markup += markupOf(one);
  return markup;
}

function escaped(text: string): string {
  return text.replaceAll(ALL_SPECIAL, (character) => ENTITIES.get(character) ?? '');
}
