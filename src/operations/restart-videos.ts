import { addDownloadsByHand } from '../backlog/add-downloads.ts';
import type { VideoDocument } from '../database/collections/video.ts';
import type { Database } from '../database/database.ts';
import type { VideoState } from '../database/video-rounds.ts';
import type { VideoKey } from '../domain/video-key.ts';
import { PERSON_SKIP_REASONS } from '../domain/video-status.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import type { Actor } from './audited.ts';
import { changeVideos, type VideoResult } from './change-videos.ts';

interface RestartDependencies {
  readonly database: Database;
  readonly queues: JobQueues;
}

/**
 * `restarted`: a job does it now. `on_its_way`: the video is being archived. `skipped`: a person skipped or deleted it.
 * `not_stored`: there is no object to copy.
 */
export type RestartOutcome = 'restarted' | 'on_its_way' | 'skipped' | 'not_stored' | 'unknown';

/** Downloads videos again, finished ones included; the object in the bucket is replaced when the new file is complete. */
export async function redownloadVideos(
  keys: readonly VideoKey[],
  actor: Actor,
  dependencies: RestartDependencies,
): Promise<VideoResult<RestartOutcome>[]> {
  const { database } = dependencies;
  return await restart('videos.redownload', 'download', keys, actor, dependencies, async (video, seen) => {
    if (isSkippedByPerson(video)) return 'skipped';
    return (await database.repairs.reopen([seen], new Date())) > 0 ? 'restarted' : 'on_its_way';
  });
}

/** Copies stored videos to Azure again: the blob is compared with the object and replaced where it differs. */
export async function remirrorVideos(
  keys: readonly VideoKey[],
  actor: Actor,
  dependencies: RestartDependencies,
): Promise<VideoResult<RestartOutcome>[]> {
  const { database } = dependencies;
  return await restart('videos.remirror', 'sync', keys, actor, dependencies, async (video, seen) => {
    if (isSkippedByPerson(video)) return 'skipped';
    if (video.status !== 'stored' && video.status !== 'mirrored') return 'not_stored';
    return (await database.repairs.mirrorAgain(seen)) ? 'restarted' : 'on_its_way';
  });
}

/** A crash between the record and its job leaves a video without a job, which reconcile finds by its status. */
async function restart(
  operation: string,
  stage: 'download' | 'sync',
  keys: readonly VideoKey[],
  actor: Actor,
  { database, queues }: RestartDependencies,
  change: (video: VideoDocument, seen: VideoState) => Promise<RestartOutcome>,
): Promise<VideoResult<RestartOutcome>[]> {
  return await changeVideos(operation, keys, actor, database, async (key) => {
    const video = await database.videos.find(key);
    if (video === undefined) return 'unknown';
    const outcome = await change(video, { key, ...video });
    if (outcome !== 'restarted') return outcome;
    const round = video.round + 1;
    if (stage === 'download') await addDownloadsByHand([{ key, round }], { database, queues });
    else await queues.add(stage, { ...key, round });
    return outcome;
  });
}

function isSkippedByPerson({ skip_reason: reason }: VideoDocument): boolean {
  return reason !== undefined && reason !== null && PERSON_SKIP_REASONS.includes(reason);
}
