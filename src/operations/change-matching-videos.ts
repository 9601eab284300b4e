import { z } from 'zod';
import type { AuditDocument } from '../database/collections/audit.ts';
import type { VideoDocument } from '../database/collections/video.ts';
import type { Database } from '../database/database.ts';
import { definedFields } from '../domain/defined-fields.ts';
import { toError } from '../domain/job-errors.ts';
import type { VideoKey } from '../domain/video-key.ts';
import type { VideoStatus } from '../domain/video-status.ts';
import type { Actor } from './audited.ts';
import type { VideoResult } from './change-videos.ts';
import { undoSkip } from './skip-videos.ts';
import { VIDEO_ACTIONS, type ActionDependencies, type VideoActionName } from './video-actions.ts';
import { filterOf, queryStringOf, type VideoQuery } from './video-query.ts';

/** A batch is one row in the audit. */
const BATCH_SIZE = 200;

/** What an operation on many videos has done so far, as its row in the audit has it. */
const bulkProgress = z.object({
  /** `interrupted`: the program was stopped; doing it again does the rest. `failed`: with `error`. */
  state: z.enum(['running', 'finished', 'interrupted', 'failed']),
  /** How many videos were confirmed: no more are changed. */
  total: z.number(),
  done: z.number(),
  /** How many videos had which outcome, such as `skipped`. */
  outcomes: z.record(z.string(), z.number()),
  /** When this was written. */
  at: z.date(),
  error: z.string().exactOptional(),
});

export type BulkProgress = Readonly<z.output<typeof bulkProgress>>;

/** @returns undefined for the row of another kind of operation */
export function readProgress({ result }: Pick<AuditDocument, 'result'>): BulkProgress | undefined {
  return bulkProgress.safeParse(result).data;
}

interface BulkDependencies extends ActionDependencies {
  /** Ends the operation after its batch. */
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: BulkProgress) => void;
}

interface MatchingVideos {
  readonly action: VideoActionName;
  readonly query: VideoQuery;
  /** How many videos a person has confirmed: no more are changed, whatever matches by then. */
  readonly confirmed: number;
}

/** The videos of a query by status. Those whose status the action does not take are left alone. */
export async function countMatching(
  action: VideoActionName,
  query: VideoQuery,
  { search }: Database,
): Promise<{ readonly byStatus: ReadonlyMap<VideoStatus, number>; readonly affected: number }> {
  const byStatus = await search.countByStatus(filterOf(query));
  const affected = VIDEO_ACTIONS[action].statuses.reduce(
    (sum, status) => sum + (byStatus.get(status) ?? 0),
    0,
  );
  return { byStatus, affected };
}

/**
 * Does something with all videos that match a query, in batches, in the order of their ids, so that each is met once whatever
 * it becomes. Safe to repeat and to interrupt: what is done stays done, and doing it again does the rest.
 */
export async function changeMatchingVideos(
  { action, query, confirmed }: MatchingVideos,
  actor: Actor,
  dependencies: BulkDependencies,
): Promise<BulkProgress> {
  const { run, statuses } = VIDEO_ACTIONS[action];
  const operation = `videos.${action} matching`;
  const targets = [queryStringOf(query).slice(1)];
  const pages = dependencies.database.search.walk(filterOf(query), BATCH_SIZE);
  return await inBatches(
    { operation, targets, total: confirmed, pages, takes: ({ status }) => statuses.includes(status) },
    actor,
    dependencies,
    (keys, batchActor) => run(keys, batchActor, dependencies),
  );
}

/** Takes back what a skip changed, whether it was one of a selection or of all videos that matched. */
export async function undoSkipOperation(
  skipOperation: string,
  actor: Actor,
  dependencies: BulkDependencies,
): Promise<BulkProgress> {
  const { search } = dependencies.database;
  const filter = { skippedBy: skipOperation };
  const total = await search.countUpTo(filter);
  const pages = search.walk(filter, BATCH_SIZE);
  const work = { operation: 'videos.undo skip matching', targets: [skipOperation], total, pages };
  return await inBatches({ ...work, takes: () => true }, actor, dependencies, (keys, batchActor) =>
    undoSkip(skipOperation, keys, batchActor, dependencies),
  );
}

interface BulkWork {
  readonly operation: string;
  readonly targets: readonly string[];
  readonly total: number;
  readonly pages: AsyncIterable<readonly VideoDocument[]>;
  readonly takes: (video: VideoDocument) => boolean;
}

async function inBatches(
  { operation, targets, total, pages, takes }: BulkWork,
  { operationId, partOf, ...who }: Actor,
  { database: { audit }, signal, onProgress }: BulkDependencies,
  change: (keys: readonly VideoKey[], actor: Actor) => Promise<readonly VideoResult<string>[]>,
): Promise<BulkProgress> {
  const counts = new Map<string, number>();
  let done = 0;
  const row = await audit.begin({
    ...who,
    ...definedFields({ _id: operationId, part_of: partOf }),
    ...{ operation, targets: [...targets] },
  });
  const note = async (state: BulkProgress['state'], error?: string): Promise<BulkProgress> => {
    const reason = error === undefined ? {} : { error };
    const progress = { state, total, done, outcomes: Object.fromEntries(counts), at: new Date(), ...reason };
    onProgress?.(progress);
    await audit.finish(row, progress);
    return progress;
  };
  try {
    await note('running');
    for await (const page of pages) {
      const wanted = page.filter(takes).slice(0, total - done);
      const keys = wanted.map(({ provider, video_id: videoId }) => ({ provider, videoId }));
      if (signal.aborted) return await note('interrupted');
      for (const { outcome } of keys.length === 0 ? [] : await change(keys, { ...who, partOf: row })) {
        counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      }
      done += keys.length;
      if (done >= total) break;
      await note('running');
    }
    return await note('finished');
  } catch (error) {
    // What is wrong with the servers is said where the progress is shown; the row keeps it, if MongoDB can be reached.
    return await note('failed', toError(error).message);
  }
}
