import { readShapes, type RecordShape, type ValueSyntax } from './record-shapes.ts';

/** How a table is written. */
export interface Dialect extends Pick<ValueSyntax, 'delimiter' | 'escape'> {
  readonly lineEnds: readonly string[];
  /** The line of the column names, from 1. Nothing above it is a row. */
  readonly headerLine: number;
  /** How many records stand above the column names. */
  readonly titles: number;
}

const DELIMITERS = [',', ';', '\t', '|'];
/** Separates no values: it is not allowed in texts (Unicode: information separator). */
const NO_DELIMITER = '\u001F';
/** Records that agree in their number of values, of all records of a table. */
const AGREEING_SHARE = 0.8;
/** Titles, dates and notes above a table. */
const MAX_TITLE_RECORDS = 20;
/** Spreadsheets write their delimiter into a first line of its own. */
const SEPARATOR_LINE = /^"?sep=(.)"?[ \t]*(?:\r\n|\r|\n)/i;

interface Reading extends ValueSyntax {
  readonly shapes: readonly RecordShape[];
  /** The most frequent number of values that is more than one. */
  readonly width: number;
  /** How many records have that number. */
  readonly agreeing: number;
}

/**
 * Detects how a table is written from its beginning: the delimiter and the escape with which most records have the same
 * number of values, and the header as the first of the records that agree. A first line without delimiter above records
 * that do not agree is the header of a table with one column, whose texts contain commas.
 * @param sample the last record may be incomplete
 * @param setting the delimiter, or `auto`
 */
export function detectDialect(sample: string, setting: string): Dialect {
  const returnsEndLines = doReturnsEndLines(sample);
  const separator = SEPARATOR_LINE.exec(sample);
  const body = separator === null ? sample : sample.slice(separator[0].length);
  const delimiter = setting === 'auto' ? separator?.[1] : setting;
  const escapes = body.includes('\\"') ? (['"', '\\'] as const) : (['"'] as const);
  const readings = (delimiter === undefined ? DELIMITERS : [delimiter]).flatMap((each) =>
    escapes.map((escape) => toReading(body, { delimiter: each, escape, returnsEndLines })),
  );
  const possible = readings.filter((reading) => delimiter !== undefined || isTable(reading));
  const [best] = possible.toSorted((a, b) => b.agreeing - a.agreeing || b.width - a.width);
  const oneColumn = { delimiter: NO_DELIMITER, escape: escapeOf(readings), returnsEndLines };
  const chosen = best ?? toReading(body, oneColumn);
  const titles = headerIndex(chosen);
  return {
    delimiter: chosen.delimiter,
    escape: chosen.escape,
    lineEnds: returnsEndLines ? ['\r\n', '\n', '\r'] : ['\r\n', '\n'],
    headerLine: (chosen.shapes[titles]?.line ?? 1) + (separator === null ? 0 : 1),
    titles,
  };
}

/** Line feeds within values are less frequent than this, for each row. */
const MAX_FEEDS_IN_ROW = 10;

/** A carriage return ends lines where it stands alone at the end of the first one (Mac OS before 2001, Excel for Mac). */
function doReturnsEndLines(sample: string): boolean {
  const [firstEnd] = /\r\n|\n|\r/.exec(sample.replace(/"[^"]*"/g, '""')) ?? [];
  if (firstEnd !== '\r') return false;
  const feeds = sample.split('\n').length - 1;
  const returns = sample.split('\r').length - sample.split('\r\n').length;
  return returns * MAX_FEEDS_IN_ROW >= feeds;
}

function toReading(sample: string, syntax: ValueSyntax): Reading {
  const shapes = readShapes(sample, syntax);
  if (shapes.length > 2) shapes.pop();
  const counts = new Map<number, number>();
  for (const { values, isBroken } of shapes) {
    if (values.length > 1 && !isBroken) counts.set(values.length, (counts.get(values.length) ?? 0) + 1);
  }
  const [width, agreeing] = [...counts].sort(([a, x], [b, y]) => y - x || b - a)[0] ?? [1, 0];
  return { ...syntax, shapes, width, agreeing };
}

function escapeOf(readings: readonly Reading[]): ValueSyntax['escape'] {
  const broken = (reading: Reading) => reading.shapes.filter(({ isBroken }) => isBroken).length;
  return readings.toSorted((a, b) => broken(a) - broken(b))[0]?.escape ?? '"';
}

/** Whether the delimiter separates columns, and is not a character of the texts of one column. */
function isTable(reading: Reading): boolean {
  const { shapes, width, agreeing, delimiter } = reading;
  const [first] = shapes;
  if (first === undefined || agreeing === 0) return false;
  if (first.values.length > 1) return true;
  // Some programs write a delimiter at the end of each row.
  if (shapes.every(({ values }) => values.slice(1).every((value) => value === ''))) return true;
  const below = shapes.slice(shapes.findIndex(({ values }) => values.length === width));
  const isProse =
    delimiter !== '\t' &&
    below.every(({ values }) => values.slice(1).every((value) => value.startsWith(' ')));
  return below.length > 1 && agreeing / below.length >= AGREEING_SHARE && !isProse;
}

/** The index of the header: the first record with all columns, below lines that are titles. */
function headerIndex({ shapes, width, agreeing }: Reading): number {
  const isTitle = ({ values }: RecordShape) => {
    const filled = values.filter((value) => value.trim() !== '').length;
    return values.length < width ? filled <= width / 2 : filled <= 1 && width >= 3;
  };
  const index = shapes.findIndex((shape) => !isTitle(shape));
  const header = shapes[index]?.values ?? [];
  const hasNames = header.length === width && !header.every((value) => /^[\s\d.,+-]*$/.test(value));
  const isWide = agreeing / (shapes.length - index) >= AGREEING_SHARE;
  return index > 0 && index <= MAX_TITLE_RECORDS && hasNames && isWide ? index : 0;
}
