import type { DocumentItem, RejectedItem } from '../../collector.ts';
import type { DatasetFile } from './archive-files.ts';
import { readCsvRecords } from './csv-records.ts';
import { detectDelimiter } from './delimiter.ts';
import { readAhead } from './first-chunk.ts';
import { createRowReader, type RowReader, type TableOrigin } from './row-document.ts';
import { toUtf8 } from './text-encoding.ts';

/** The bytes from which encoding and delimiter are detected. */
const SAMPLE_BYTES = 64 * 1024;

export type TableItem =
  DocumentItem | RejectedItem | { readonly type: 'missing-columns'; readonly columns: readonly string[] };

/**
 * The rows of a table as documents, the rows of each chunk together. Broken rows are rejected with their line, files
 * without a header as a whole.
 * @throws PermanentError `source_settings` when a key column is missing; the errors of reading the file
 */
export async function* readTable(
  { name, content }: DatasetFile,
  origin: TableOrigin,
): AsyncGenerator<readonly TableItem[]> {
  const { ref, encoding, delimiter } = origin.dataset;
  const bytes = await readAhead(content, SAMPLE_BYTES);
  const { first, whole } = await readAhead(toUtf8(bytes.whole, encoding), 1);
  const records = readCsvRecords(whole, delimiter === 'auto' ? detectDelimiter(first.toString()) : delimiter);
  const rejected = (reason: string, line?: number): RejectedItem => ({
    type: 'rejected',
    reason,
    detail: `${ref}/${name}${line === undefined ? '' : `, line ${String(line)}`}`,
  });
  let reader: RowReader | undefined;
  for await (const batch of records) {
    const items: TableItem[] = [];
    for (const record of batch) {
      if ('problem' in record) {
        // Without column names no row can be read.
        if (reader === undefined) {
          yield [rejected('no_header', record.line)];
          return;
        }
        items.push(rejected(record.problem, record.line));
      } else if (reader === undefined) {
        reader = createRowReader(record.values, origin);
        if (reader.missingColumns.length > 0) {
          items.push({ type: 'missing-columns', columns: reader.missingColumns });
        }
      } else {
        const row = reader.read(record.values);
        items.push(typeof row === 'string' ? rejected(row, record.line) : row);
      }
    }
    yield items;
  }
  if (reader === undefined) yield [rejected('no_header')];
}
