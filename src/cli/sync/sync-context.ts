import type { MirrorConfig } from '../../config/config.ts';
import type { Database } from '../../database/database.ts';
import { definedFields } from '../../domain/defined-fields.ts';
import type { CopySettings } from '../../mirror/copy-object.ts';
import { MirrorRecords } from '../../mirror/mirror-records.ts';
import type { NameFilter } from '../../mirror/name-filter.ts';
import type { AzureBlobStore } from '../../storage/azure-blob-store.ts';
import type { MinioStore } from '../../storage/minio-store.ts';

/** What every mode of the command works with. */
export interface SyncContext extends CopySettings {
  readonly source: MinioStore;
  readonly target: AzureBlobStore;
  readonly pair: MirrorConfig['pairs'][number];
  /** The videos of MongoDB are in this bucket. */
  readonly isMain: boolean;
  /** Opened at the first call: with nothing to record it is not needed. */
  readonly openDatabase: () => Promise<Database>;
  /** Whether it was opened. */
  readonly usesDatabase: () => boolean;
  readonly prefix: string;
  readonly filter: NameFilter;
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** Print JSON. */
  readonly json: boolean;
  /** Writes a part of a long result. */
  readonly write: (text: string) => Promise<void>;
}

/** The stores and choices of a run. */
export function mirrorOptions(context: SyncContext) {
  const { source, target, prefix, filter, concurrency, signal, accessTier, bandwidth } = context;
  const settings = definedFields({ accessTier, bandwidth });
  return { source, target, prefix, filter, concurrency, signal, ...settings };
}

/** Where copies are recorded: nowhere for a bucket without videos. */
export function recordsOf({
  isMain,
  openDatabase,
  target,
  signal,
}: SyncContext): Pick<MirrorRecords, 'add' | 'addExtra' | 'flush'> {
  if (isMain) {
    const removeBlob = (name: string, etag: string) => target.removeVersion(name, etag, signal);
    return new MirrorRecords({ openDatabase, removeBlob });
  }
  const nothing = () => Promise.resolve();
  return { add: nothing, addExtra: nothing, flush: nothing };
}
