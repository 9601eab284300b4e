import { z } from 'zod';
import type { Database } from '../../database/database.ts';
import { isArchived } from '../../database/video-search.ts';
import type { VideoDocument } from '../../database/collections/video.ts';
import { videoDocumentId, type VideoKey } from '../../domain/video-key.ts';
import { STAGES } from '../../domain/video-status.ts';
import { retryJobId, stageJobId } from '../../queues/job-ids.ts';
import type { JobQueues } from '../../queues/job-queues.ts';
import type { ObjectStore } from '../../storage/object-store.ts';

/** All that the page of a video shows. */
export type LoadedVideo = NonNullable<Awaited<ReturnType<typeof loadVideo>>>;

export interface VideoJob {
  readonly queue: (typeof STAGES)[number] | 'retry';
  readonly id: string;
  readonly round: number;
  readonly state: 'live' | 'finished';
}

/**
 * Whether the object in the bucket is that of the record. `none`: the record tells of none; `unreachable`: the bucket does
 * not answer.
 */
export type ObjectState = 'none' | 'there' | 'missing' | 'differs' | 'unreachable';

/** More than a person reads; a video that waits for its account may have thousands. */
export const SHOWN_ATTEMPTS = 50;
const SHOWN_DECISIONS = 50;
const SHOWN_PLAYLISTS = 100;
/** Jobs of earlier rounds have mostly been removed. */
const ROUNDS_LOOKED_UP = 10;
/** The page does not wait longer for the bucket. */
const STAT_DEADLINE_MS = 2_000;

/** Reads all that is known of a video. What Redis and the bucket do not tell at the moment is left out. */
export async function loadVideo(
  key: VideoKey,
  { database, queues, store }: { database: Database; queues: JobQueues; store: ObjectStore },
) {
  const id = videoDocumentId(key);
  const video = await database.videos.find(key);
  if (video === undefined) return undefined;
  const [places, attempts, decisions, jobs, object] = await Promise.all([
    database.playlistDecisions.placesOf(id, SHOWN_PLAYLISTS),
    database.attempts.ofVideo(id, SHOWN_ATTEMPTS),
    database.audit.ofTarget(id, SHOWN_DECISIONS),
    jobsOf(key, video.round, queues).catch(() => undefined),
    objectStateOf(video, store),
  ]);
  return {
    video,
    places,
    attempts,
    decisions: decisions.map(({ result, ...decision }) => ({ ...decision, outcome: outcomeFor(id, result) })),
    jobs,
    object,
  };
}

/** The jobs of a video that Redis has now, of the latest rounds; those of the present round first. */
async function jobsOf(key: VideoKey, round: number, { jobs }: JobQueues): Promise<VideoJob[]> {
  const rounds = Array.from({ length: Math.min(round + 1, ROUNDS_LOOKED_UP) }, (_value, age) => round - age);
  const stageJobs = STAGES.map((stage) =>
    rounds.map((each) => ({ queue: stage, round: each, id: stageJobId(stage, key, each) })),
  );
  const retryJobs = STAGES.flatMap((stage) =>
    rounds.map((each) => ({ queue: 'retry' as const, round: each, id: retryJobId(stage, key, each) })),
  );
  const found = await Promise.all(
    [...stageJobs, retryJobs].map(async (ofQueue) => {
      const queue = ofQueue[0]?.queue ?? 'retry';
      const presence = await jobs.presence(
        queue,
        ofQueue.map(({ id }) => id),
      );
      return ofQueue.flatMap((job, index) => {
        const state = presence[index];
        return state === 'live' || state === 'finished' ? [{ ...job, state }] : [];
      });
    }),
  );
  return found.flat().sort((left, right) => right.round - left.round);
}

async function objectStateOf(video: VideoDocument, store: ObjectStore): Promise<ObjectState> {
  if (!isArchived(video)) return 'none';
  try {
    const object = await store.stat(video.audio.key, AbortSignal.timeout(STAT_DEADLINE_MS));
    if (object === undefined) return 'missing';
    return object.sizeBytes === video.audio.size ? 'there' : 'differs';
  } catch {
    return 'unreachable';
  }
}

const ofManySchema = z.array(z.object({ id: z.string(), outcome: z.string() }));
const failedSchema = z.object({ error: z.string() });

/** What came of an operation for one of its videos; undefined while it is not known, or when the row is of another form. */
function outcomeFor(id: string, result: unknown): string | undefined {
  const many = ofManySchema.safeParse(result).data;
  return many?.find((one) => one.id === id)?.outcome ?? failedSchema.safeParse(result).data?.error;
}
