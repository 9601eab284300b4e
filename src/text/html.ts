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

/** Escapes the values of the template unless they are Html; joins lists; leaves out undefined. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(
    strings.map((text, index) => text + (index < values.length ? markupOf(values[index]) : '')).join(''),
  );
}

function markupOf(value: HtmlValue): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.markup;
  if (typeof value === 'string' || typeof value === 'number') {
    return String(value).replaceAll(/[&<>"']/g, (character) => ENTITIES.get(character) ?? '');
  }
  return value.map(markupOf).join('');
}
