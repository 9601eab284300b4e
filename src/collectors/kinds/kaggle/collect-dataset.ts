import { interruptionOf } from '../../../runtime/deadline.ts';
import { PermanentError } from '../../../domain/job-errors.ts';
import type { CollectContext, DocumentItem, RejectedItem } from '../../collector.ts';
import type { DatasetInfo, KaggleApi } from './api.ts';
import { readDatasetFiles } from './dataset-files.ts';
import { download } from './download.ts';
import { readTable } from './read-table.ts';
import type { DatasetSettings, KaggleSettings, KaggleState } from './settings.ts';
import { wantedFiles } from './archive-files.ts';

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
  const url = api.downloadUrl(dataset.ref, version);
  const downloaded = await download(http, url, { ...api.authorization, maxBytes, signal });
  try {
    const wanted = wantedFiles(dataset.files);
    const notes = [`version ${String(version)}, licence ${licence ?? 'not stated'}`];
    if (!downloaded.isVerified) notes.push('the server sent no checksum');
    let items = 0;
    let files = 0;
    const fallbackName = `${dataset.ref.split('/').at(-1) ?? ''}.csv`;
    for await (const file of readDatasetFiles(downloaded, wanted, maxUnpackedBytes, fallbackName)) {
      if (file.type === 'rejected') {
        items += 1;
        yield file;
        continue;
      }
      files += 1;
      for await (const batch of readTable(file, { dataset, file: file.name, version, licence })) {
        if (signal.aborted) throw interruptionOf(signal);
        for (const item of batch) {
          if (item.type === 'missing-columns') {
            notes.push(`${file.name} has no column ${item.columns.join(', ')}`);
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
      throw new PermanentError('source_settings', `${dataset.ref} has no readable .csv or .tsv file.`);
    }
    return { items, notes };
  } finally {
    await downloaded.file.close();
  }
}
