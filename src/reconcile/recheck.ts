import type { ScannedVideo } from '../database/video-scan.ts';
import { OperatorError } from '../domain/job-errors.ts';
import { videoDocumentId } from '../domain/video-key.ts';
import type { ReconcileOptions } from './reconcile-options.ts';

/** A recorded object that is not in the bucket as recorded, after two looks at both. */
export interface ConfirmedLoss {
  readonly video: ScannedVideo;
  readonly kind: 'missing' | 'differing';
}

/** Videos read again together. */
const BATCH = 500;
/** Objects looked up at once. */
const PARALLEL = 16;

/**
 * Looks again at what a walk missed. The listing of the bucket is older than the record it was compared with: while a
 * bucket is young and busy most of it may have come since. A video that moved on meanwhile is judged by where it is now.
 * @returns those that are missing, or of another size, even so.
 */
export async function recheck(
  suspects: readonly ScannedVideo[],
  options: ReconcileOptions,
): Promise<ConfirmedLoss[]> {
  const confirmed: ConfirmedLoss[] = [];
  for (let start = 0; start < suspects.length; start += BATCH) {
    options.signal.throwIfAborted();
    const batch = suspects.slice(start, start + BATCH);
    const now = await options.database.scan.find(batch.map(({ key }) => key));
    const left = batch.values();
    await Promise.all(
      Array.from({ length: PARALLEL }, async () => {
        for (const { key } of left) {
          const video = now.get(videoDocumentId(key));
          const kind = video === undefined ? undefined : await judge(video, options);
          if (video !== undefined && kind !== undefined) confirmed.push({ video, kind });
        }
      }),
    );
  }
  return confirmed;
}

async function judge(video: ScannedVideo, options: ReconcileOptions) {
  if (!hasArrived(video)) return undefined;
  const found = video.object === undefined ? undefined : await lookUp(video.object.name, options);
  if (found === undefined) return 'missing';
  return found.sizeBytes === video.object?.sizeBytes ? undefined : 'differing';
}

async function lookUp(name: string, { store, signal }: ReconcileOptions) {
  try {
    return await store.stat(name, signal);
  } catch (error) {
    // Without its bucket an object is missing as well.
    if (error instanceof OperatorError && error.errorClass === 'storage_missing') return undefined;
    throw error;
  }
}

/** Videos whose object is in the bucket, by the record. */
export function hasArrived(video: ScannedVideo): boolean {
  return (
    video.status === 'stored' ||
    video.status === 'mirrored' ||
    (video.status === 'retrying' && video.failedStage === 'sync')
  );
}
