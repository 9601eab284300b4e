/** Sections whose content is no markup. */
const SECTIONS = [
  ['<![CDATA[', ']]>'],
  ['<!--', '-->'],
  ['<?', '?>'],
] as const;

/**
 * Repairs the markup of XML so that a mistake costs no more than its tag: a `<` that begins no tag is escaped, and a quote
 * that is not closed before the next tag is removed with the attributes behind it. The time is linear: no step looks
 * further than to the next `<`, or to the end of a section.
 */
export function repairedMarkup(xml: string): string {
  const parts: string[] = [];
  /** Ends of sections that are not there any more; searching again each time would be quadratic. */
  const absent = new Set<string>();
  let at = 0;
  for (let start = xml.indexOf('<'); start !== -1; start = xml.indexOf('<', at)) {
    parts.push(xml.slice(at, start));
    const { text, end } = sectionAt(xml, start, absent) ?? tagAt(xml, start);
    parts.push(text);
    at = end;
  }
  parts.push(xml.slice(at));
  return parts.join('');
}

interface Piece {
  readonly text: string;
  /** Of what the text stands for. */
  readonly end: number;
}

function sectionAt(xml: string, start: number, absent: Set<string>): Piece | undefined {
  const section = SECTIONS.find(([mark]) => xml.startsWith(mark, start));
  if (section === undefined) return undefined;
  const [mark, endMark] = section;
  const found = absent.has(endMark) ? -1 : xml.indexOf(endMark, start + mark.length);
  if (found === -1) {
    // Without an end, its content is read as elements.
    absent.add(endMark);
    return { text: '', end: start + mark.length };
  }
  const end = found + endMark.length;
  return { text: xml.slice(start, end), end };
}

function tagAt(xml: string, start: number): Piece {
  const next = xml.indexOf('<', start + 1);
  const rest = xml.slice(start, next === -1 ? undefined : next);
  if (!/^<[a-z_/]/i.test(rest) || !rest.includes('>')) return { text: '&lt;', end: start + 1 };
  const openQuote = openQuoteOf(rest);
  if (openQuote === undefined) return { text: rest, end: start + rest.length };
  const end = rest.indexOf('>') + 1;
  const isEmpty = rest.charAt(end - 2) === '/';
  const attributes = rest.slice(0, Math.max(0, rest.lastIndexOf(' ', openQuote)));
  return {
    text: attributes === '' ? rest.slice(0, end) : `${attributes}${isEmpty ? '/' : ''}>`,
    end: start + end,
  };
}

/** Where a quote is that is not closed in a tag. */
function openQuoteOf(tag: string): number | undefined {
  const marks = /[>"']/g;
  for (let found = marks.exec(tag); found !== null && found[0] !== '>'; found = marks.exec(tag)) {
    const close = tag.indexOf(found[0], marks.lastIndex);
    if (close === -1) return found.index;
    marks.lastIndex = close + 1;
  }
  return undefined;
}
