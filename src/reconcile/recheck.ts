import type { ScannedVideo } from '../database/video-scan.ts';
import { videoDocumentId } from '../domain/video-key.ts';
import { forEachConcurrently } from '../runtime/concurrency.ts';
import { isContainerMissing } from '../storage/storage-errors.ts';
import type { ReconcileContext } from './reconcile-context.ts';

/** A recorded object that is missing, or has another size, also when record and bucket are read a second time. */
export interface ConfirmedLoss {
  readonly video: ScannedVideo;
  readonly kind: 'missing' | 'differing';
}

/** Videos read together. */
const BATCH = 500;
/** Objects looked up at once. */
const CONCURRENCY = 16;

/**
 * Checks again what seemed lost when listing and record were compared. The listing is older than the record: in a new and
 * busy bucket, most objects may have been added since. A video that has changed meanwhile is checked as it is now.
 */
export async function recheck(
  possibleLosses: readonly ScannedVideo[],
  context: ReconcileContext,
): Promise<ConfirmedLoss[]> {
  const { database, signal } = context;
  const confirmed: ConfirmedLoss[] = [];
  for (let start = 0; start < possibleLosses.length; start += BATCH) {
    signal.throwIfAborted();
    const batch = possibleLosses.slice(start, start + BATCH);
    const now = await database.scan.find(batch.map(({ key }) => key));
    await forEachConcurrently(
      () => batch,
      { concurrency: CONCURRENCY, signal },
      async ({ key }) => {
        const video = now.get(videoDocumentId(key));
        const kind = video && (await lossOf(video, context));
        if (video !== undefined && kind !== undefined) confirmed.push({ video, kind });
      },
    );
  }
  return confirmed;
}

async function lossOf(video: ScannedVideo, context: ReconcileContext) {
  if (!isRecordedAsStored(video)) return undefined;
  const object = video.object && (await lookUp(video.object.name, context));
  if (object === undefined) return 'missing';
  return object.sizeBytes === video.object?.sizeBytes ? undefined : 'differing';
}

async function lookUp(name: string, { store, signal }: ReconcileContext) {
  try {
    return await store.stat(name, signal);
  } catch (error) {
    // When the bucket is missing, its objects are too.
    if (isContainerMissing(error)) return undefined;
    throw error;
  }
}

/** Whether the object of this video should be in the bucket. */
export function isRecordedAsStored(video: ScannedVideo): boolean {
  return (
    video.status === 'stored' ||
    video.status === 'mirrored' ||
    (video.status === 'retrying' && video.failedStage === 'sync')
  );
}
