import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  InterruptedError,
  OperatorError,
  toJobError,
  TransientError,
  type JobError,
} from '../domain/job-errors.ts';
import { definedFields } from '../domain/defined-fields.ts';
import { forEachConcurrently } from '../runtime/concurrency.ts';
import type { AzureBlobStore } from '../storage/azure-blob-store.ts';
import { checksumFile } from '../storage/checksums.ts';
import { portableMetadataKey } from '../storage/metadata.ts';
import type { MinioStore } from '../storage/minio-store.ts';
import type { ObjectInfo } from '../storage/object-store.ts';
import type { CopySettings } from './copy-object.ts';
import { planMirror } from './plan.ts';
import { MIRROR_KEYS } from './restore-object.ts';
import { listSelected, type Selection } from './selection.ts';

export interface RestoreOptions extends Omit<Selection, 'range'>, Pick<CopySettings, 'bandwidth'> {
  readonly bucket: MinioStore;
  readonly mirror: AzureBlobStore;
  readonly concurrency: number;
  /** Plans, but writes nothing. */
  readonly dryRun?: boolean;
  readonly signal: AbortSignal;
  readonly onRestored?: (name: string, sizeBytes: number) => void;
  readonly onFailed?: (name: string, error: JobError) => void;
}

/** The counts of a restore. */
export interface RestoreSummary {
  /** In the container only. */
  missing: number;
  restored: number;
  restoredBytes: number;
  failed: number;
  /** In both, whether equal or not: objects are never replaced. */
  kept: number;
}

/**
 * Brings objects that the bucket has lost back from their blobs, with the same metadata. A blob is used only when its
 * content has the size and the checksums that are recorded with it. Objects in the bucket are left alone. Safe to repeat.
 * @throws InterruptedError when the signal was aborted; the error of a listing; an OperatorError of any object.
 */
export async function restoreMirror(options: RestoreOptions): Promise<RestoreSummary> {
  const summary: RestoreSummary = { missing: 0, restored: 0, restoredBytes: 0, failed: 0, kept: 0 };
  const directory = await mkdtemp(path.join(tmpdir(), 'sonotheque-restore-'));
  let serial = 0;
  try {
    await forEachConcurrently(
      (signal) => lostBlobs(options, signal, summary),
      options,
      async (blob, signal) => {
        const workFile = path.join(directory, String((serial += 1)));
        try {
          await restoreBlob(blob, workFile, { ...options, signal });
          summary.restored += 1;
          summary.restoredBytes += blob.sizeBytes;
          options.onRestored?.(blob.name, blob.sizeBytes);
        } catch (thrown) {
          const error = toJobError(thrown, signal);
          if (signal.aborted || error instanceof OperatorError) throw error;
          summary.failed += 1;
          options.onFailed?.(blob.name, error);
        } finally {
          await rm(workFile, { force: true });
        }
      },
    );
  } catch (error) {
    if (!options.signal.aborted) throw error;
    throw new InterruptedError('The restore was interrupted; run it again to continue.', { cause: error });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  return summary;
}

async function* lostBlobs(
  options: RestoreOptions,
  signal: AbortSignal,
  summary: RestoreSummary,
): AsyncGenerator<ObjectInfo, void> {
  const { bucket, mirror, dryRun = false } = options;
  const plan = planMirror(
    () => listSelected(bucket, options, signal),
    () => listSelected(mirror, options, signal),
  );
  for await (const step of plan) {
    if (step.kind === 'restart') {
      summary.missing = summary.kept = 0;
      continue;
    }
    for (const item of step.items) {
      if (item.kind === 'extra') {
        summary.missing += 1;
        if (!dryRun) yield item.target;
      } else if (item.kind !== 'missing') {
        summary.kept += 1;
      }
    }
  }
}

async function restoreBlob(listed: ObjectInfo, workFile: string, options: RestoreOptions): Promise<void> {
  const { bucket, mirror, signal, bandwidth } = options;
  const { name } = listed;
  const read = { signal, ifMatch: listed.etag, ...definedFields({ bandwidth }) };
  const { info, stream } = await mirror.openRead(name, read);
  await pipeline(stream, createWriteStream(workFile, { flags: 'wx' }), { signal });
  const sums = await checksumFile(workFile, { signal });
  const recorded = info.metadata ?? {};
  const differs = (known: string | undefined, found: string) => known !== undefined && known !== found;
  if (
    sums.sizeBytes !== info.sizeBytes ||
    differs(info.md5, sums.md5) ||
    differs(recorded['md5'], sums.md5) ||
    differs(recorded['sha256'], sums.sha256)
  ) {
    throw new TransientError('storage_mismatch', `${name} in Azure is not what was stored there.`);
  }
  // A listing may be older than an upload.
  if ((await bucket.stat(name, signal)) !== undefined) return;
  const metadata = Object.fromEntries(
    Object.entries(recorded)
      .filter(([key]) => !MIRROR_KEYS.has(key))
      .map(([key, value]) => [portableMetadataKey(key), value]),
  );
  const contentType = info.contentType ?? 'application/octet-stream';
  await bucket.putFile({ name, file: workFile, contentType, metadata, ...sums }, { signal });
}
