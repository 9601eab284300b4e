import { PermanentError } from '../../../domain/job-errors.ts';
import type { FoundDocument } from '../../collector.ts';
import { columnIndex, columnNames } from './columns.ts';
import { parseRowDate } from './row-date.ts';
import type { DatasetSettings } from './settings.ts';

/** Where a table comes from. */
export interface TableOrigin {
  readonly dataset: DatasetSettings;
  /** Its path in the dataset. */
  readonly file: string;
  readonly version: number;
  readonly licence: string | undefined;
}

/** Makes documents of the rows of one table. */
export interface RowReader {
  /** Columns of the settings that the table does not have. */
  readonly missingColumns: readonly string[];
  /** @returns the reason, when the row cannot be taken */
  read(values: readonly string[]): FoundDocument | string;
}

/**
 * Prepares to read the rows of a table. The identity of a row is the dataset, the file and all values in the order of
 * the columns: neither the version nor its place in the file, since each version brings all rows again. With key
 * columns the key is the dataset, the file and their values.
 * @throws PermanentError `source_settings` when a key column is not there
 */
export function createRowReader(header: readonly string[], origin: TableOrigin): RowReader {
  const { dataset, file, version, licence } = origin;
  const names = columnNames(header);
  const missingColumns: string[] = [];
  const indexOf = (column: string | undefined) => {
    if (column === undefined) return -1;
    const index = columnIndex(column, header, names);
    if (index === -1) missingColumns.push(column);
    return index;
  };
  const keyIndexes = dataset.keyColumns?.map(indexOf);
  if (missingColumns.length > 0) {
    throw new PermanentError(
      'source_settings',
      `${file} has no column ${missingColumns.join(', ')} to make keys of; it has ${names.slice(0, 30).join(', ')}.`,
    );
  }
  const title = indexOf(dataset.titleColumn);
  const text = indexOf(dataset.textColumn);
  const date = indexOf(dataset.dateColumn);
  const about = { dataset: dataset.ref, file, version, ...(licence === undefined ? {} : { licence }) };

  return {
    missingColumns,
    read(row) {
      const values = row.slice(0, names.length);
      // Some programs end each row with a delimiter.
      if (values.length < names.length || row.slice(names.length).some((value) => value !== '')) {
        return 'wrong_number_of_columns';
      }
      const keyValues = keyIndexes?.map((index) => values[index] ?? '');
      if (keyValues?.every((value) => value.trim() === '') === true) return 'empty_key';
      const publishedAt = parseRowDate(values[date] ?? '');
      return {
        type: 'document',
        identity: { dataset: dataset.ref, file, values },
        ...(keyValues === undefined ? {} : { key: JSON.stringify([dataset.ref, file, ...keyValues]) }),
        url: `https://www.kaggle.com/datasets/${dataset.ref}`,
        ...textField('title', values[title]),
        ...textField('text', values[text]),
        ...(publishedAt === undefined ? {} : { publishedAt }),
        payload: {
          ...about,
          row: Object.fromEntries(names.map((name, index) => [name, values[index] ?? ''])),
        },
      };
    },
  };
}

function textField(name: 'title' | 'text', value: string | undefined): { title?: string; text?: string } {
  const trimmed = value?.trim() ?? '';
  return trimmed === '' ? {} : { [name]: trimmed };
}
