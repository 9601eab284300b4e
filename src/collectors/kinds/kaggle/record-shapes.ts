/** How the values of a table are written. */
export interface ValueSyntax {
  readonly delimiter: string;
  /** The character before a quotation mark that belongs to a quoted value. */
  readonly escape: '"' | '\\';
  /** A carriage return without a line feed ends a line. */
  readonly returnsEndLines: boolean;
}

/** A record of the beginning of a table. */
export interface RecordShape {
  /** From 1. */
  readonly line: number;
  readonly values: readonly string[];
  /** A quote was opened and not closed, or text stands after it. */
  readonly isBroken: boolean;
}

const MAX_RECORDS = 100;
/** A quote that is closed later than this counts as not closed here. */
const MAX_QUOTED_CHARACTERS = 8 * 1024;

/**
 * The first records of a table, read so that a wrong syntax does no harm: a record with a broken quote ends with its line.
 * Blank lines are left out.
 */
export function readShapes(sample: string, syntax: ValueSyntax): RecordShape[] {
  const shapes: RecordShape[] = [];
  let line = 1;
  let at = 0;
  while (at < sample.length && shapes.length < MAX_RECORDS) {
    const { end, values, isBroken } = readRecord(sample, at, syntax) ?? splitLine(sample, at, syntax);
    if (values.length > 1 || values[0]?.trim() !== '') shapes.push({ line, values, isBroken });
    line += linesIn(sample, at, end, syntax);
    at = end;
  }
  return shapes;
}

/** The length of the line end that begins here, else 0. */
function lineEndAt(text: string, at: number, { returnsEndLines }: ValueSyntax): number {
  if (text[at] === '\n') return 1;
  if (text[at] !== '\r') return 0;
  return text[at + 1] === '\n' ? 2 : Number(returnsEndLines);
}

/** Where the line ends that contains `from`, and where the next one begins. */
function lineEnd(text: string, from: number, syntax: ValueSyntax) {
  let start = from;
  while (start < text.length && lineEndAt(text, start, syntax) === 0) start += 1;
  return { start, end: start + Math.max(1, lineEndAt(text, start, syntax)) };
}

function linesIn(text: string, from: number, to: number, syntax: ValueSyntax): number {
  let count = 0;
  for (let at = from; at < to; at = lineEnd(text, at, syntax).end) count += 1;
  return count;
}

function splitLine(sample: string, at: number, syntax: ValueSyntax) {
  const { start, end } = lineEnd(sample, at, syntax);
  return { end, values: sample.slice(at, start).split(syntax.delimiter), isBroken: true };
}

/** @returns undefined when a quote is broken */
function readRecord(sample: string, from: number, syntax: ValueSyntax) {
  const values: string[] = [];
  let at = from;
  for (;;) {
    const isQuoted = sample[at] === '"';
    const stop = isQuoted ? closingQuote(sample, at + 1, syntax) : plainEnd(sample, at, syntax);
    if (stop === undefined) return undefined;
    values.push(sample.slice(isQuoted ? at + 1 : at, stop));
    at = isQuoted ? stop + 1 : stop;
    if (at >= sample.length) return { end: at, values, isBroken: false };
    if (sample.startsWith(syntax.delimiter, at)) at += syntax.delimiter.length;
    else {
      const ending = lineEndAt(sample, at, syntax);
      return ending === 0 ? undefined : { end: at + ending, values, isBroken: false };
    }
  }
}

function plainEnd(sample: string, from: number, syntax: ValueSyntax): number {
  let at = from;
  while (
    at < sample.length &&
    lineEndAt(sample, at, syntax) === 0 &&
    !sample.startsWith(syntax.delimiter, at)
  ) {
    at += 1;
  }
  return at;
}

function closingQuote(sample: string, from: number, { escape }: ValueSyntax): number | undefined {
  const limit = Math.min(sample.length, from + MAX_QUOTED_CHARACTERS);
  for (let at = from; at < limit; at += 1) {
    const next = sample[at + 1];
    if (sample[at] === escape && (next === '"' || (escape === '\\' && next === '\\'))) at += 1;
    else if (sample[at] === '"') return at;
  }
  return undefined;
}
