import type { Database } from '../database/database.ts';
import { videoDocumentId, type VideoKey } from '../domain/video-key.ts';
import { STAGES } from '../domain/video-status.ts';
import { retryJobId, stageJobId } from '../queues/job-ids.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import { audioObjectPrefix, parseAudioObjectName, peaksObjectName } from '../storage/object-names.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { emptyIfContainerMissing, isContainerMissing } from '../storage/storage-errors.ts';

export interface DeletionDependencies {
  readonly database: Database;
  readonly queues: JobQueues;
  readonly store: ObjectStore;
  /** Undefined without Azure. */
  readonly mirror: ObjectStore | undefined;
  readonly signal: AbortSignal;
}

/**
 * `finished`: nothing is left of it. `pending`: a job of it is running, or its blob cannot be removed because Azure is not
 * configured here; reconcile finishes it later. `superseded`: it is not deleted any more.
 */
export type DeletionOutcome = 'finished' | 'pending' | 'superseded';

/**
 * Removes what is left of a video whose record says that a person deleted it: waiting jobs, its objects in all formats,
 * their peaks, and when the record says `everywhere` its blobs. The record comes first, and stays: a crash at any point leaves a video that is
 * deleted, whose objects the next reconcile removes and none adopts.
 */
export async function finishDeletion(
  key: VideoKey,
  dependencies: DeletionDependencies,
): Promise<DeletionOutcome> {
  const { database, mirror, queues, signal, store } = dependencies;
  const video = await database.videos.find(key);
  if (video?.skip_reason !== 'deleted' || !video.deletion) return 'superseded';
  const { everywhere } = video.deletion;
  const isRunning = await removeJobs(key, video.round, queues);
  await removeObjects(key, store, signal);
  await removePeaks(key, store, signal);
  if (everywhere && mirror === undefined) return 'pending';
  if (everywhere && mirror !== undefined) await removeObjects(key, mirror, signal);
  // A job that runs may still put its file there.
  if (isRunning) return 'pending';
  return (await database.decisions.markDeleted(key, everywhere)) ? 'finished' : 'superseded';
}

/** Removes the jobs of a round that wait. @returns whether one of them is running. */
export async function removeJobs(key: VideoKey, round: number, { jobs }: JobQueues): Promise<boolean> {
  let isRunning = false;
  for (const stage of STAGES) {
    const id = stageJobId(stage, key, round);
    await jobs.remove(stage, id);
    // BullMQ does not remove a job that a worker holds.
    if ((await jobs.presence(stage, [id])).includes('live')) isRunning = true;
    await jobs.remove('retry', retryJobId(stage, key, round));
  }
  return isRunning;
}

async function removeObjects(key: VideoKey, store: ObjectStore, signal: AbortSignal): Promise<void> {
  for await (const page of emptyIfContainerMissing(store.list(audioObjectPrefix(key), signal))) {
    for (const { name } of page) {
      const parsed = parseAudioObjectName(name);
      if (parsed !== undefined && videoDocumentId(parsed.key) === videoDocumentId(key)) {
        await store.remove(name, signal);
      }
    }
  }
}

/** Removes the peaks of a video; they are in the bucket only. */
export async function removePeaks(key: VideoKey, store: ObjectStore, signal: AbortSignal): Promise<void> {
  try {
    await store.remove(peaksObjectName(key), signal);
  } catch (error) {
    if (!isContainerMissing(error)) throw error;
  }
}
