import { interruptionOf } from '../../../runtime/deadline.ts';
import { PermanentError } from '../../../domain/job-errors.ts';
import type { CollectContext, DocumentItem, RejectedItem } from '../../collector.ts';
import type { DatasetInfo, KaggleApi } from './api.ts';
import { readDatasetFiles } from './dataset-files.ts';
import { download } from './download.ts';
import { readTable, type MissingColumns } from './read-table.ts';
import type { DatasetSettings, KaggleSettings, KaggleState } from './settings.ts';
import { wantedFiles } from './archive-files.ts';

/** Names of columns in messages. */
const MAX_SHOWN_NAMES = 30;

/**
 * Downloads and verifies one version of a dataset and yields its rows.
 * @throws JobError; the rows yielded before are valid, and the next run yields them again
 */
export async function* collectVersion(
  context: CollectContext<KaggleSettings, KaggleState>,
  api: KaggleApi,
  dataset: DatasetSettings,
  info: DatasetInfo,
): AsyncGenerator<
  DocumentItem | RejectedItem,
  { readonly items: number; readonly notes: readonly string[] }
> {
  const { settings, http, signal } = context;
  const { maxBytes, maxRows, maxUnpackedBytes } = settings;
  const { version, licence } = info;
  const dateOrder = dataset.dateOrder ?? settings.dateOrder;
  const url = api.downloadUrl(dataset.ref, version);
  const downloaded = await download(http, url, { ...api.authorization, maxBytes, signal });
  try {
    const wanted = wantedFiles(dataset.files);
    const notes = [`version ${String(version)}, licence ${licence ?? 'not stated'}`];
    if (!downloaded.isVerified) notes.push('the server sent no checksum');
    let items = 0;
    let files = 0;
    let nested = 0;
    const lacking: MissingColumns[] = [];
    const fallbackName = `${dataset.ref.split('/').at(-1) ?? ''}.csv`;
    for await (const file of readDatasetFiles(downloaded, wanted, maxUnpackedBytes, fallbackName)) {
      if (file.type === 'rejected') {
        items += 1;
        nested += Number(file.reason === 'nested_archive');
        yield file;
        continue;
      }
      files += 1;
      for await (const batch of readTable(file, { dataset, file: file.name, version, licence, dateOrder })) {
        if (signal.aborted) throw interruptionOf(signal);
        for (const item of batch) {
          if (item.type === 'note') {
            notes.push(item.text);
            continue;
          }
          if (item.type === 'missing-columns') {
            notes.push(`${file.name} has no column ${item.columns.join(', ')}`);
            lacking.push(item);
            continue;
          }
          if (items === maxRows) {
            return { items, notes: [...notes, `only the first ${String(maxRows)} rows (maxRows)`] };
          }
          items += 1;
          yield item;
        }
      }
    }
    const missing = wanted.missing();
    if (missing.length > 0) {
      throw new PermanentError('source_settings', `${dataset.ref} has no file ${missing.join(', ')}.`);
    }
    if (files === 0) {
      const archives =
        nested === 0 ? '' : ` Archives within its archive are not unpacked (${String(nested)}).`;
      const message = `${dataset.ref} has no readable .csv or .tsv file.${archives}`;
      throw new PermanentError('source_settings', message);
    }
    assertColumns(dataset.ref, files, lacking);
    return { items, notes };
  } finally {
    await downloaded.file.close();
  }
}

/** @throws PermanentError `source_settings` when no table has a column of the settings */
function assertColumns(ref: string, files: number, lacking: readonly MissingColumns[]): void {
  if (lacking.length < files) return;
  const [first] = lacking;
  const nowhere =
    first?.columns.filter((column) => lacking.every(({ columns }) => columns.includes(column))) ?? [];
  if (first === undefined || nowhere.length === 0) return;
  const has = first.names.slice(0, MAX_SHOWN_NAMES).join(', ');
  throw new PermanentError(
    'source_settings',
    `No table of ${ref} has a column ${nowhere.join(', ')}; the first has ${has}.`,
  );
}
