import { setImmediate } from 'node:timers/promises';
import type { DocumentItem, RejectedItem } from '../../collector.ts';
import type { DatasetFile } from './archive-files.ts';
import { MAX_COLUMNS } from './columns.ts';
import { readCsvRecords, type CsvRecord } from './csv-records.ts';
import { detectDialect, type Dialect } from './dialect.ts';
import { readAhead } from './first-chunk.ts';
import { whyNotText } from './not-text.ts';
import { createRowReader, type RowReader, type TableOrigin } from './row-document.ts';
import { toUtf8 } from './text-encoding.ts';

/** The bytes from which encoding and dialect are detected. */
const SAMPLE_BYTES = 64 * 1024;

/** What a person should know about the table. */
interface TableNote {
  readonly type: 'note';
  readonly text: string;
}

/** The table has no columns of the settings. */
export interface MissingColumns {
  readonly type: 'missing-columns';
  readonly columns: readonly string[];
  /** The columns that it has. */
  readonly names: readonly string[];
}

export type TableItem = DocumentItem | RejectedItem | MissingColumns | TableNote;

/**
 * The rows of a table as documents, the rows of each chunk together. Broken rows are rejected with their line; files
 * without a header, with too many columns or without text as a whole.
 * @throws PermanentError `source_settings` when a key column is missing; the errors of reading the file
 */
export async function* readTable(
  { name, content }: DatasetFile,
  origin: TableOrigin,
): AsyncGenerator<readonly TableItem[]> {
  const { ref, encoding, delimiter } = origin.dataset;
  const rejected = (reason: string, line?: number, more = ''): RejectedItem => ({
    type: 'rejected',
    reason,
    detail: `${ref}/${name}${line === undefined ? '' : `, line ${String(line)}`}${more}`,
  });
  const bytes = await readAhead(content, SAMPLE_BYTES);
  const problem = whyNotText(bytes.first);
  if (problem !== undefined) {
    yield [rejected(problem)];
    // Closes the content.
    for await (const _chunk of bytes.whole) break;
    return;
  }
  const { first, whole } = await readAhead(toUtf8(bytes.whole, encoding), 1);
  const dialect = detectDialect(first.toString('utf8', 0, SAMPLE_BYTES), delimiter);
  // The detection may take 100 ms, and reading begins with as much as is there.
  await setImmediate();
  let reader: RowReader | undefined;
  for await (const batch of readCsvRecords(whole, dialect)) {
    const items: TableItem[] = [];
    for (const record of batch) {
      if (record.line < dialect.headerLine) continue;
      if (reader !== undefined) {
        const row = 'problem' in record ? record.problem : reader.read(record.values);
        items.push(typeof row === 'string' ? rejected(row, record.line) : row);
        continue;
      }
      const header = readHeader(record);
      if ('reason' in header) {
        // Without column names no row can be read.
        yield [rejected(header.reason, record.line, `: ${header.problem}`)];
        return;
      }
      reader = createRowReader(header.names, origin);
      const { missingColumns: columns, names } = reader;
      if (columns.length > 0) items.push({ type: 'missing-columns', columns, names });
      if (dialect.titles > 0) items.push({ type: 'note', text: titlesNote(name, dialect) });
    }
    yield items;
  }
  if (reader === undefined) yield [rejected('no_header')];
}

function readHeader(record: CsvRecord) {
  const columns = 'values' in record ? record.values.length : (record.columns ?? 0);
  if (columns > MAX_COLUMNS) {
    const problem = `${String(columns)} columns, at most ${String(MAX_COLUMNS)} are read`;
    return { reason: 'too_many_columns', problem };
  }
  return 'values' in record
    ? { names: record.values }
    : { reason: 'no_header', problem: `the column names cannot be read (${record.problem})` };
}

function titlesNote(name: string, { headerLine }: Dialect): string {
  return `${name} has its column names in line ${String(headerLine)}; what stands above is left out`;
}
