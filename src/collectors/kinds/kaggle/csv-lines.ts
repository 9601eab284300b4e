const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

/**
 * The bytes of the first line with its end; undefined when it has none.
 * @param returnsEndLines a carriage return without a line feed ends a line too
 */
export function firstLineBytes(bytes: Buffer, returnsEndLines: boolean): number | undefined {
  const feed = bytes.indexOf(NEWLINE);
  const back = returnsEndLines ? bytes.indexOf(CARRIAGE_RETURN) : -1;
  const end = back === -1 || (feed !== -1 && feed < back) ? feed : back;
  if (end === -1) return undefined;
  return end + (end === back && feed === back + 1 ? 2 : 1);
}

/** How many line feeds and carriage returns there are at the beginning. */
export function blankBytes(bytes: Buffer): number {
  let size = 0;
  while (bytes[size] === NEWLINE || bytes[size] === CARRIAGE_RETURN) size += 1;
  return size;
}

export function occurrences(bytes: Buffer, text: string): number {
  let count = 0;
  const [only, ...others] = Buffer.from(text);
  if (only !== undefined && others.length === 0) {
    // A search by `indexOf` costs as much as hundreds of bytes: too much where the text is frequent.
    // `for (const byte of bytes)` takes six times as long.
    // eslint-disable-next-line @typescript-eslint/prefer-for-of
    for (let at = 0; at < bytes.length; at += 1) if (bytes[at] === only) count += 1;
    return count;
  }
  for (let at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text, at + text.length)) count += 1;
  return count;
}

/** Counts lines from 1, through bytes that arrive in parts. */
export class LineCounter {
  line = 1;
  readonly #returnsEndLines: boolean;
  /** A line feed next belongs to the line end that was counted. */
  #endsWithReturn = false;

  constructor(returnsEndLines: boolean) {
    this.#returnsEndLines = returnsEndLines;
  }

  add(bytes: Buffer): void {
    if (!this.#returnsEndLines) {
      this.line += occurrences(bytes, '\n');
      return;
    }
    for (const byte of bytes) {
      if (byte === CARRIAGE_RETURN || (byte === NEWLINE && !this.#endsWithReturn)) this.line += 1;
      this.#endsWithReturn = byte === CARRIAGE_RETURN;
    }
  }
}
