import { isUtf8 } from 'node:buffer';
import { CsvError, Parser } from 'csv-parse';

/** A record of a CSV file, or the reason why it cannot be read. Lines count from 1. */
export type CsvRecord =
  | { readonly line: number; readonly values: readonly string[] }
  | { readonly line: number; readonly problem: CsvProblem };

export type CsvProblem = 'broken_quotes' | 'row_too_long' | 'invalid_encoding';

interface BrokenLine {
  readonly code: string;
  tooLong: boolean;
}

const MAX_RECORD_BYTES = 1024 ** 2;
const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const EMPTY = Buffer.alloc(0);

/**
 * Reads a CSV file (RFC 4180) in UTF-8. A broken record is reported, and reading continues in the line after its first
 * line: a quote that is never closed costs one line and not the rest of the file. Yields the records of each chunk
 * together. Blank lines are skipped.
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
  yield await reader.read(EMPTY, true);
}

class CsvReader {
  readonly #delimiter: string;
  #parser: Parser;
  /** The bytes from the beginning of the current record. */
  #buffer: Buffer = EMPTY;
  /** How many bytes of the buffer were passed to the parser. */
  #fedBytes = 0;
  /** How many bytes passed to the parser are no longer in the buffer. */
  #consumedBytes = 0;
  #line = 1;
  /** Set until the end of a broken line is received. */
  #broken: BrokenLine | undefined;
  /** Filled by the parser during `feed`. */
  #parsed: { readonly values: readonly string[]; readonly endBytes: number }[] = [];

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
    this.#parser = this.#createParser(false);
  }

  async read(chunk: Buffer, isLast: boolean): Promise<CsvRecord[]> {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    const records: CsvRecord[] = [];
    for (;;) {
      const broken = this.#broken;
      if (broken !== undefined && !(await this.#endBrokenLine(broken, records, isLast))) return records;
      const error = await feed(this.#parser, this.#buffer.subarray(this.#fedBytes), isLast);
      this.#fedBytes = this.#buffer.length;
      for (const { values, endBytes } of this.#parsed) {
        this.#consumeBlankLines();
        const line = this.#line;
        const raw = this.#consume(endBytes - this.#consumedBytes);
        records.push(isUtf8(raw) ? { line, values } : { line, problem: 'invalid_encoding' });
      }
      this.#parsed = [];
      if (error === undefined) return records;
      this.#consumeBlankLines();
      this.#broken = { code: error.code, tooLong: false };
    }
  }

  /** @returns whether the line has ended, so that reading can continue after it. */
  async #endBrokenLine(broken: BrokenLine, records: CsvRecord[], isLast: boolean): Promise<boolean> {
    const end = this.#buffer.indexOf(NEWLINE);
    if (end === -1 && !isLast) {
      if (this.#buffer.length > MAX_RECORD_BYTES) {
        broken.tooLong = true;
        this.#buffer = EMPTY;
      }
      return false;
    }
    const line = this.#line;
    const raw = this.#consume(end === -1 ? this.#buffer.length : end + 1);
    records.push(await this.#readBrokenLine(raw, line, broken));
    this.#broken = undefined;
    this.#consumedBytes = 0;
    this.#fedBytes = 0;
    this.#parser = this.#createParser(false);
    return this.#buffer.length > 0;
  }

  /** A quote inside an unquoted value is invalid CSV, but its meaning is clear, so it is accepted. */
  async #readBrokenLine(raw: Buffer, line: number, { code, tooLong }: BrokenLine): Promise<CsvRecord> {
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

  /** Removes bytes from the beginning of the buffer and counts their lines. */
  #consume(sizeBytes: number): Buffer {
    const raw = this.#buffer.subarray(0, sizeBytes);
    this.#buffer = this.#buffer.subarray(sizeBytes);
    this.#fedBytes -= sizeBytes;
    this.#consumedBytes += sizeBytes;
    for (let at = raw.indexOf(NEWLINE); at !== -1; at = raw.indexOf(NEWLINE, at + 1)) this.#line += 1;
    return raw;
  }

  #consumeBlankLines(): void {
    let sizeBytes = 0;
    while (this.#buffer[sizeBytes] === NEWLINE || this.#buffer[sizeBytes] === CARRIAGE_RETURN) sizeBytes += 1;
    this.#consume(sizeBytes);
  }

  #createParser(relaxQuotes: boolean): Parser {
    const parser = new Parser({
      delimiter: this.#delimiter,
      // Not auto-detected: a file whose first line ends differently from the others would become one record.
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      relax_quotes: relaxQuotes,
      skip_empty_lines: true,
      max_record_size: MAX_RECORD_BYTES,
      // Called during `feed`. Null keeps the record out of the readable side, which nobody reads.
      on_record: (values: string[], { bytes }) => {
        this.#parsed.push({ values, endBytes: bytes });
        return null;
      },
    });
    // `feed` handles errors; without this listener they would also end the process.
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
