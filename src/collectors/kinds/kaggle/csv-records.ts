import { isUtf8 } from 'node:buffer';
import { CsvError, Parser } from 'csv-parse';

/** A record of a CSV file, or what is wrong with it. Lines count from 1. */
export type CsvRecord =
  | { readonly line: number; readonly values: readonly string[] }
  | { readonly line: number; readonly problem: CsvProblem };

/** Why a record cannot be read. */
export type CsvProblem = 'broken_quotes' | 'row_too_long' | 'invalid_encoding';

/** A record may have so many bytes. */
const MAX_RECORD_BYTES = 1024 ** 2;
const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const NOTHING = Buffer.alloc(0);

/**
 * Reads a CSV file (RFC 4180) in UTF-8. A record that is broken is reported and reading goes on in the line after
 * the one where it begins: a quote that is never closed costs one line and not the rest of the file.
 * The records of a chunk come together. Blank lines are left out.
 */
export async function* readCsvRecords(
  content: AsyncIterable<Buffer>,
  delimiter: string,
): AsyncGenerator<readonly CsvRecord[]> {
  const reader = new CsvReader(delimiter);
  for await (const chunk of content) {
    const records = await reader.read(chunk, false);
    if (records.length > 0) yield records;
  }
  yield await reader.read(NOTHING, true);
}

class CsvReader {
  readonly #delimiter: string;
  #parser: Parser;
  /** Bytes from the beginning of the record that is being read. */
  #held: Buffer = NOTHING;
  /** How many of those the parser has got. */
  #fedBytes = 0;
  /** How many bytes of what the parser has got are no longer held. */
  #takenBytes = 0;
  #line = 1;
  /** Set while the rest of a broken line is waited for. */
  #broken: { readonly code: string; tooLong: boolean } | undefined;
  /** Filled by the parser while it is fed. */
  #parsed: { readonly values: readonly string[]; readonly endBytes: number }[] = [];

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
    this.#parser = this.#createParser(false);
  }

  async read(chunk: Buffer, isLast: boolean): Promise<CsvRecord[]> {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const records: CsvRecord[] = [];
    for (;;) {
      if (this.#broken !== undefined && !(await this.#endBrokenLine(records, isLast))) return records;
      const error = await feed(this.#parser, this.#held.subarray(this.#fedBytes), isLast);
      this.#fedBytes = this.#held.length;
      for (const { values, endBytes } of this.#parsed) {
        this.#takeBlankLines();
        const line = this.#line;
        const raw = this.#take(endBytes - this.#takenBytes);
        records.push(isUtf8(raw) ? { line, values } : { line, problem: 'invalid_encoding' });
      }
      this.#parsed = [];
      if (error === undefined) return records;
      this.#takeBlankLines();
      this.#broken = { code: error.code, tooLong: false };
    }
  }

  /** @returns whether the line is over, so that reading can go on behind it. */
  async #endBrokenLine(records: CsvRecord[], isLast: boolean): Promise<boolean> {
    const broken = this.#broken;
    if (broken === undefined) return true;
    const end = this.#held.indexOf(NEWLINE);
    if (end === -1 && !isLast) {
      if (this.#held.length > MAX_RECORD_BYTES) {
        broken.tooLong = true;
        this.#held = NOTHING;
      }
      return false;
    }
    const line = this.#line;
    const raw = this.#take(end === -1 ? this.#held.length : end + 1);
    records.push(await this.#judge(raw, line, broken));
    this.#broken = undefined;
    this.#takenBytes = 0;
    this.#fedBytes = 0;
    this.#parser = this.#createParser(false);
    return this.#held.length > 0;
  }

  /** A quote inside a value that does not begin with one is not correct, yet what it means is clear. */
  async #judge(
    raw: Buffer,
    line: number,
    { code, tooLong }: { code: string; tooLong: boolean },
  ): Promise<CsvRecord> {
    if (tooLong || raw.length > MAX_RECORD_BYTES) return { line, problem: 'row_too_long' };
    if (code !== 'INVALID_OPENING_QUOTE') return { line, problem: 'broken_quotes' };
    if (!isUtf8(raw)) return { line, problem: 'invalid_encoding' };
    const error = await feed(this.#createParser(true), raw, true);
    const [only, ...others] = this.#parsed;
    this.#parsed = [];
    return error !== undefined || only === undefined || others.length > 0
      ? { line, problem: 'broken_quotes' }
      : { line, values: only.values };
  }

  /** Removes bytes from the front and counts their lines. */
  #take(sizeBytes: number): Buffer {
    const raw = this.#held.subarray(0, sizeBytes);
    this.#held = this.#held.subarray(sizeBytes);
    this.#fedBytes -= sizeBytes;
    this.#takenBytes += sizeBytes;
    for (let at = raw.indexOf(NEWLINE); at !== -1; at = raw.indexOf(NEWLINE, at + 1)) this.#line += 1;
    return raw;
  }

  #takeBlankLines(): void {
    let sizeBytes = 0;
    while (this.#held[sizeBytes] === NEWLINE || this.#held[sizeBytes] === CARRIAGE_RETURN) sizeBytes += 1;
    this.#take(sizeBytes);
  }

  #createParser(relaxQuotes: boolean): Parser {
    const parser = new Parser({
      delimiter: this.#delimiter,
      // Not discovered: a file whose first line ends otherwise than the rest would become one record.
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      relax_quotes: relaxQuotes,
      skip_empty_lines: true,
      max_record_size: MAX_RECORD_BYTES,
      // Called while the parser is fed. Nothing is passed on to its readable side, which nobody reads.
      on_record: (values: string[], { bytes }) => {
        this.#parsed.push({ values, endBytes: bytes });
        return null;
      },
    });
    // Its errors are taken where it is fed; without a listener they would end the process as well.
    parser.on('error', () => undefined);
    return parser;
  }
}

/** @returns the error that ended the parser, if one did. */
async function feed(parser: Parser, chunk: Buffer, isLast: boolean): Promise<CsvError | undefined> {
  const error = await new Promise<Error | null | undefined>((resolve) => {
    if (!isLast) {
      parser.write(chunk, resolve);
      return;
    }
    parser.once('error', resolve);
    parser.end(chunk, () => {
      resolve(undefined);
    });
  });
  if (error === null || error === undefined) return undefined;
  if (error instanceof CsvError) return error;
  throw error;
}
