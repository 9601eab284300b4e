/** Markup that is safe to send: made by `xml`, which escapes every value. */
export class Xml {
  readonly markup: string;
  constructor(markup: string) {
    this.markup = markup;
  }
}

/** The types of values in an `xml` template. */
export type XmlValue = string | number | Xml | readonly XmlValue[] | undefined;

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&apos;'],
]);

/**
 * What XML 1.0 (fifth edition, production 2) has no character for, not even escaped: one of them makes a whole document
 * unreadable. Halves of surrogate pairs are made well-formed before.
 */
const ILLEGAL = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/** Escapes the values of the template, in elements and in quoted attributes alike, unless they are Xml; leaves out undefined. */
export function xml(strings: TemplateStringsArray, ...values: readonly XmlValue[]): Xml {
  return new Xml(
    strings.map((text, index) => text + (index < values.length ? markupOf(values[index]) : '')).join(''),
  );
}

/** An XML document in UTF-8. */
export function xmlDocument(root: Xml): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root.markup}\n`;
}

function markupOf(value: XmlValue): string {
  if (value === undefined) return '';
  if (value instanceof Xml) return value.markup;
  if (typeof value === 'string' || typeof value === 'number') {
    return String(value)
      .toWellFormed()
      .replaceAll(ILLEGAL, '')
      .replaceAll(/[&<>"']/g, (character) => ENTITIES.get(character) ?? '');
  }
  return value.map(markupOf).join('');
}
