import { isUtf8 } from 'node:buffer';
import { setImmediate } from 'node:timers/promises';
import type { Options, Parser } from 'csv-parse';
import { blankBytes, firstLineBytes, LineCounter, occurrences } from './csv-lines.ts';
import { createCsvParser, feed, MAX_RECORD_BYTES, type CsvDialect, type ParsedRecord } from './csv-parser.ts';

/** A record of a CSV file, or the reason why it cannot be read. Lines count from 1. */
export type CsvRecord =
  | { readonly line: number; readonly values: readonly string[] }
  | {
      readonly line: number;
      readonly problem: CsvProblem;
      /** Of a row that is too long: how many values it has at least. */
      readonly columns?: number;
    };

export type CsvProblem = 'broken_quotes' | 'row_too_long' | 'invalid_encoding';

interface BrokenLine {
  readonly code: string;
  /** Of the part that is no longer in the buffer, because the line is too long. */
  droppedDelimiters: number | undefined;
}

/** The event loop is not blocked for longer by a chunk with many broken lines. */
const MAX_BLOCK_MS = 25;
/** The parser gets no more at once: after a broken record it gets up to `MAX_RECORD_BYTES` again. */
const MAX_FED_BYTES = 16 * 1024;
/** More records are yielded in several batches: what reads them does so without a pause. */
const MAX_BATCH_RECORDS = 5_000;
const EMPTY = Buffer.alloc(0);

/**
 * Reads a CSV file (RFC 4180, or as its dialect says) in UTF-8. A broken record is reported, and reading continues in the
 * line after its first line: a quote that is never closed costs one line and not the rest of the file. Yields the records
 * of each chunk together, up to `MAX_BATCH_RECORDS`. Blank lines are skipped.
 */
export async function* readCsvRecords(
  content: AsyncIterable<Buffer>,
  dialect: CsvDialect,
): AsyncGenerator<readonly CsvRecord[]> {
  const reader = new CsvReader(dialect);
  for await (const chunk of content) {
    yield* batchesOf(await reader.read(chunk, false));
  }
  yield* batchesOf(await reader.read(EMPTY, true));
}

function* batchesOf(records: readonly CsvRecord[]): Generator<readonly CsvRecord[]> {
  for (let from = 0; from < records.length; from += MAX_BATCH_RECORDS) {
    yield records.slice(from, from + MAX_BATCH_RECORDS);
  }
}

class CsvReader {
  readonly #dialect: CsvDialect;
  #parser: Parser;
  /** The bytes from the beginning of the current record. */
  #buffer: Buffer = EMPTY;
  /** How many bytes of the buffer were passed to the parser. */
  #fedBytes = 0;
  /** How many bytes passed to the parser are no longer in the buffer. */
  #consumedBytes = 0;
  readonly #lines: LineCounter;
  readonly #returnsEndLines: boolean;
  /** Set until the end of a broken line is received. */
  #broken: BrokenLine | undefined;
  /** Not anew with each chunk: a stream that has several of them passes them on without a pause. */
  #pausedAt = performance.now();
  /** Filled by the parser during `feed`. */
  #parsed: ParsedRecord[] = [];

  constructor(dialect: CsvDialect) {
    this.#dialect = dialect;
    this.#returnsEndLines = dialect.lineEnds.includes('\r');
    this.#lines = new LineCounter(this.#returnsEndLines);
    this.#parser = this.#createParser();
  }

  async read(chunk: Buffer, isLast: boolean): Promise<CsvRecord[]> {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    const records: CsvRecord[] = [];
    for (;;) {
      if (performance.now() - this.#pausedAt > MAX_BLOCK_MS) {
        await setImmediate();
        this.#pausedAt = performance.now();
      }
      const broken = this.#broken;
      if (broken !== undefined && !(await this.#endBrokenLine(broken, records, isLast))) return records;
      const end = Math.min(this.#buffer.length, this.#fedBytes + MAX_FED_BYTES);
      const isWhole = end === this.#buffer.length;
      const error = await feed(this.#parser, this.#buffer.subarray(this.#fedBytes, end), isLast && isWhole);
      this.#fedBytes = end;
      for (const { values, endBytes } of this.#parsed) {
        this.#consumeBlankLines();
        const { line } = this.#lines;
        const raw = this.#consume(endBytes - this.#consumedBytes);
        records.push(isUtf8(raw) ? { line, values } : { line, problem: 'invalid_encoding' });
      }
      this.#parsed = [];
      if (error === undefined && !isWhole) continue;
      if (error === undefined) return records;
      this.#consumeBlankLines();
      this.#broken = { code: error.code, droppedDelimiters: undefined };
    }
  }

  /** @returns whether the line has ended, so that reading can continue after it. */
  async #endBrokenLine(broken: BrokenLine, records: CsvRecord[], isLast: boolean): Promise<boolean> {
    const size =
      firstLineBytes(this.#buffer, this.#returnsEndLines) ?? (isLast ? this.#buffer.length : undefined);
    if (size === undefined) {
      if (this.#buffer.length > MAX_RECORD_BYTES) {
        broken.droppedDelimiters =
          (broken.droppedDelimiters ?? 0) + occurrences(this.#buffer, this.#dialect.delimiter);
        this.#buffer = EMPTY;
      }
      return false;
    }
    const { line } = this.#lines;
    const raw = this.#consume(size);
    records.push(await this.#readBrokenLine(raw, line, broken));
    this.#broken = undefined;
    this.#consumedBytes = 0;
    this.#fedBytes = 0;
    this.#parser = this.#createParser();
    return this.#buffer.length > 0;
  }

  /**
   * A quote inside an unquoted value, and a quote that is escaped in another way than those of the other rows, are invalid,
   * but their meaning is clear, so they are accepted.
   */
  async #readBrokenLine(
    raw: Buffer,
    line: number,
    { code, droppedDelimiters }: BrokenLine,
  ): Promise<CsvRecord> {
    if (droppedDelimiters !== undefined || raw.length > MAX_RECORD_BYTES) {
      const columns = (droppedDelimiters ?? 0) + occurrences(raw, this.#dialect.delimiter) + 1;
      return { line, problem: 'row_too_long', columns };
    }
    if (!isUtf8(raw)) return { line, problem: 'invalid_encoding' };
    const isOpening = code === 'INVALID_OPENING_QUOTE';
    if (!isOpening && !raw.includes('\\"')) return { line, problem: 'broken_quotes' };
    const escape = this.#dialect.escape === '"' ? '\\' : '"';
    const parser = this.#createParser(isOpening ? { relax_quotes: true } : { escape });
    const error = await feed(parser, raw, true);
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
    this.#lines.add(raw);
    return raw;
  }

  #consumeBlankLines(): void {
    this.#consume(blankBytes(this.#buffer.subarray(0, this.#fedBytes)));
  }

  #createParser(differences?: Options): Parser {
    return createCsvParser(this.#dialect, (record) => this.#parsed.push(record), differences);
  }
}
