import { interruptionOf } from '../../../runtime/deadline.ts';
import { PermanentError } from '../../../domain/job-errors.ts';
import type { CollectContext, FoundDocument, RejectedItem } from '../../collector.ts';
import type { DatasetView, KaggleApi } from './api.ts';
import { readDatasetFiles } from './dataset-files.ts';
import { download, type Download } from './download.ts';
import { readTable } from './read-table.ts';
import type { DatasetSettings, KaggleSettings, KaggleState } from './settings.ts';
import { wantedFiles } from './wanted-files.ts';

/** How much of a version was read, and what a person should know of it. */
export interface DatasetSummary {
  readonly items: number;
  readonly notes: readonly string[];
}

/**
 * Downloads one version of a dataset, checks it, and yields its rows.
 * @throws JobError; what was yielded before is sound and is yielded again by the next run
 */
export async function* collectVersion(
  context: CollectContext<KaggleSettings, KaggleState>,
  api: KaggleApi,
  dataset: DatasetSettings,
  view: DatasetView,
): AsyncGenerator<FoundDocument | RejectedItem, DatasetSummary> {
  const { settings, http, signal } = context;
  const downloaded = await download(http, api.downloadAddress(dataset.ref, view.version), {
    authorization: api.authorization,
    maxBytes: settings.maxBytes,
    signal,
  });
  try {
    return yield* readVersion(context, dataset, view, downloaded);
  } finally {
    await downloaded.file.close();
  }
}

async function* readVersion(
  { settings, signal }: CollectContext<KaggleSettings, KaggleState>,
  dataset: DatasetSettings,
  { version, licence }: DatasetView,
  downloaded: Download,
): AsyncGenerator<FoundDocument | RejectedItem, DatasetSummary> {
  const { maxRows, maxUnpackedBytes } = settings;
  const wanted = wantedFiles(dataset.files);
  const notes = [`version ${String(version)}, licence ${licence ?? 'not stated'}`];
  if (!downloaded.isVerified) notes.push('no checksum was sent');
  let items = 0;
  let files = 0;
  const fallbackName = `${dataset.ref.split('/').at(-1) ?? ''}.csv`;
  for await (const file of readDatasetFiles(downloaded, { wanted, maxUnpackedBytes, fallbackName })) {
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
    throw new PermanentError('source_settings', `${dataset.ref} has no .csv or .tsv file that can be read.`);
  }
  return { items, notes };
}
