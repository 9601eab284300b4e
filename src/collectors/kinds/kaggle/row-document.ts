import { definedFields } from '../../../domain/defined-fields.ts';
import { PermanentError } from '../../../domain/job-errors.ts';
import type { DocumentItem } from '../../collector.ts';
import type { DateOrder } from '../../../text/dates/calendar-date.ts';
import { publicationDate } from '../../publication-date.ts';
import { columnIndex, columnNames } from './columns.ts';
import type { DatasetSettings } from './settings.ts';

/** Names of columns in messages. */
const MAX_SHOWN_NAMES = 30;

export interface TableOrigin {
  readonly dataset: DatasetSettings;
  /** The path of the table in the dataset. */
  readonly file: string;
  readonly version: number;
  readonly licence: string | undefined;
  readonly dateOrder: DateOrder | undefined;
}

/**
 * Converts the rows of one table to documents. The identity of a row is the dataset, the file and all values in the order
 * of the columns. The version and the line are not part of it, because each version contains all rows again. With key
 * columns the key is the dataset, the file and their values.
 * @throws PermanentError `source_settings` when a key column is missing
 */
export function createRowReader(header: readonly string[], origin: TableOrigin) {
  const { dataset, file, version, licence, dateOrder } = origin;
  const names = columnNames(header);
  const missingColumns: string[] = [];
  const indexOf = (column: string | undefined) => {
    if (column === undefined) return -1;
    const index = columnIndex(column, header, names);
    if (index === -1) missingColumns.push(column);
    return index;
  };
  const keyIndexes = dataset.keyColumns?.map(indexOf);
  const has = () => `it has ${names.slice(0, MAX_SHOWN_NAMES).join(', ')}`;
  if (missingColumns.length > 0) {
    const missing = missingColumns.join(', ');
    throw new PermanentError('source_settings', `${file} has no column ${missing} for keyColumns; ${has()}.`);
  }
  const title = indexOf(dataset.titleColumn);
  const text = indexOf(dataset.textColumn);
  const date = indexOf(dataset.dateColumn);
  // Where this is the only table, the settings are wrong; stored rows would never get what they lack now.
  if (missingColumns.length > 0 && dataset.files?.length === 1) {
    throw new PermanentError(
      'source_settings',
      `${file} has no column ${missingColumns.join(', ')}; ${has()}.`,
    );
  }
  const about = definedFields({ dataset: dataset.ref, file, version, licence });

  return {
    /** Columns in the settings that the table does not have, and those that it has. */
    missingColumns,
    names,
    /** @returns a text with the reason when the row is rejected */
    read(row: readonly string[]): DocumentItem | string {
      const values = row.slice(0, names.length);
      // Some programs write a delimiter at the end of each row.
      if (values.length < names.length || row.slice(names.length).some((value) => value !== '')) {
        return 'wrong_number_of_columns';
      }
      const keyValues = keyIndexes?.map((index) => values[index] ?? '');
      if (keyValues?.every((value) => value.trim() === '') === true) return 'empty_key';
      return definedFields({
        type: 'document' as const,
        identity: { dataset: dataset.ref, file, values },
        key: keyValues === undefined ? undefined : JSON.stringify([dataset.ref, file, ...keyValues]),
        url: `https://www.kaggle.com/datasets/${dataset.ref}`,
        title: (values[title] ?? '').trim() || undefined,
        text: (values[text] ?? '').trim() || undefined,
        ...publicationDate(date === -1 ? undefined : (values[date] ?? ''), { dateOrder }),
        payload: {
          ...about,
          row: Object.fromEntries(names.map((name, index) => [name, values[index] ?? ''])),
        },
      });
    },
  };
}

export type RowReader = ReturnType<typeof createRowReader>;
