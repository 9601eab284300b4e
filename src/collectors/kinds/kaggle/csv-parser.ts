import { CsvError, Parser, type Options } from 'csv-parse';
import type { Dialect } from './dialect.ts';

export type CsvDialect = Pick<Dialect, 'delimiter' | 'escape' | 'lineEnds'>;

/** A record, and how many bytes the parser had read at its end. */
export interface ParsedRecord {
  readonly values: readonly string[];
  readonly endBytes: number;
}

export const MAX_RECORD_BYTES = 1024 ** 2;

/** @param onRecord called during `feed` */
export function createCsvParser(
  { delimiter, escape, lineEnds }: CsvDialect,
  onRecord: (record: ParsedRecord) => void,
  differences: Options = {},
): Parser {
  const parser = new Parser({
    delimiter,
    escape,
    // Not detected by the parser: a file whose first line ends differently from the others would become one record.
    record_delimiter: [...lineEnds],
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_RECORD_BYTES,
    on_record: (values: string[], { bytes }) => {
      onRecord({ values, endBytes: bytes });
      // Keeps the record out of the readable side, which nobody reads.
      return null;
    },
    ...differences,
  });
  // `feed` handles errors; without this listener they would also end the process.
  parser.on('error', () => undefined);
  return parser;
}

/** @returns the error that ended the parser, if one did. */
export async function feed(parser: Parser, chunk: Buffer, isLast: boolean): Promise<CsvError | undefined> {
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
