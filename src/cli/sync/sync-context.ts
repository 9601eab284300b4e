import type { Config } from '../../config/config.ts';
import type { NameFilter } from '../../mirror/name-filter.ts';
import type { AzureBlobStore } from '../../storage/azure-blob-store.ts';
import type { MinioStore } from '../../storage/minio-store.ts';

/** What every mode of the command works with. */
export interface SyncContext {
  readonly source: MinioStore;
  readonly target: AzureBlobStore;
  readonly mongo: Config['mongo'];
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
export function mirrorOptions({ source, target, prefix, filter, concurrency, signal }: SyncContext) {
  return { source, target, prefix, filter, concurrency, signal };
}
