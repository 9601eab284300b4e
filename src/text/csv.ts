/** How a spreadsheet knows UTF-8: without it Excel reads a CSV file in the code page of its system. */
export const BYTE_ORDER_MARK = '\uFEFF';

/** With one of these a spreadsheet begins a formula (OWASP, "CSV Injection"), also in their full-width forms. */
const FORMULA_STARTS: ReadonlySet<string> = new Set('=+-@＝＋－＠');
/** What begins a new cell where a spreadsheet separates by something else than commas, as in French or with tabs. */
const CELL_STARTS: ReadonlySet<string> = new Set(';\t\r\n');
/** What may stand before the formula in a cell. */
const SKIPPED: ReadonlySet<string> = new Set(' \u00a0"\'');

/** A value of a CSV file. Texts come from outside, numbers from us. */
export type CsvValue = string | number | null;

/**
 * One line of a CSV file (RFC 4180). Text that a spreadsheet would take for a formula gets an apostrophe before it, which
 * makes it text; numbers do not.
 */
export function csvLine(values: readonly CsvValue[]): string {
  return `${values.map(csvCell).join(',')}\r\n`;
}

function csvCell(value: CsvValue): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  return `"${withoutFormulas(value).replaceAll('"', '""')}"`;
}

function withoutFormulas(text: string): string {
  let safe = '';
  let isAtStart = true;
  // A cell that begins with one of them is taken for a formula as well, whatever follows.
  if (CELL_STARTS.has(text.charAt(0))) safe = "'";
  for (const character of text) {
    if (isAtStart && FORMULA_STARTS.has(character)) safe += "'";
    const isControl = character < ' ' && !CELL_STARTS.has(character);
    if (CELL_STARTS.has(character)) isAtStart = true;
    else if (!isControl && !SKIPPED.has(character)) isAtStart = false;
    // RFC 4180 has no other control characters.
    safe += isControl ? ' ' : character;
  }
  return safe;
}
