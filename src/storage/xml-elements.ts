/** Listings of stores are flat, and their texts have no markup: single elements can be found by their tags. */

/**
 * The text of the first element of this tag.
 * @param from where to begin.
 * @returns undefined when there is none.
 */
export function elementText(xml: string, tag: string, from = 0): string | undefined {
  const open = `<${tag}>`;
  const start = xml.indexOf(open, from);
  if (start === -1) return undefined;
  const end = xml.indexOf(`</${tag}>`, start);
  return end === -1 ? undefined : decodeEntities(xml.slice(start + open.length, end));
}

/** The contents of all elements of this tag, undecoded, one after the other. */
export function* elements(xml: string, tag: string): Generator<string, void> {
  const open = `<${tag}>`;
  const close = `</${tag}>`;
  for (let at = xml.indexOf(open); at !== -1;) {
    const end = xml.indexOf(close, at);
    if (end === -1) return;
    yield xml.slice(at + open.length, end);
    at = xml.indexOf(open, end);
  }
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ['quot', '"'],
  ['apos', "'"],
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
]);

/** Decodes the entities of XML 1.0, section 4.6, and character references. Others stay as they are. */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:([a-z]{2,4})|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));/g, (whole, name, decimal, hex) => {
    if (typeof name === 'string') return NAMED.get(name) ?? whole;
    const code = typeof decimal === 'string' ? Number(decimal) : Number.parseInt(String(hex), 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
