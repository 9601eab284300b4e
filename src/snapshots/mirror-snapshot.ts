import { copyObject } from '../mirror/copy-object.ts';
import { checksumKey, snapshotKey } from './snapshot-names.ts';
import type { AzureBlobStore } from '../storage/azure-blob-store.ts';
import type { MinioStore } from '../storage/minio-store.ts';

/** Copies a snapshot and its checksum to Azure, checked like every mirrored object. Equal ones are not sent again. */
export async function mirrorSnapshot(
  stores: { readonly source: MinioStore; readonly target: AzureBlobStore },
  name: string,
  options: { readonly signal: AbortSignal; readonly onBytes?: (moved: number) => void },
): Promise<void> {
  const { source, target } = stores;
  await target.ensureContainer(options.signal);
  for (const key of [checksumKey(name), snapshotKey(name)]) await copyObject(source, target, key, options);
}
