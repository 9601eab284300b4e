import type { Database } from '../database/database.ts';
import { QUEUE_NAMES, type QueueName } from '../domain/queues.ts';
import type { JobQueues } from '../queues/job-queues.ts';

/**
 * The jobs of every queue, and the queues that people have paused; `countedAt` is when a backlog was counted that is too long to be
 * counted each time, undefined otherwise.
 */
export async function readQueueStates(
  database: Pick<Database, 'queuePauses' | 'videoCounts'>,
  queues: JobQueues,
  now: Date,
) {
  const backlog = await database.videoCounts.waitingForJob();
  const [counts, pausedQueues] = await Promise.all([
    collectQueues(backlog.counts, queues, now),
    readPausedQueues(database, queues),
  ]);
  return { queues: counts, pausedQueues, countedAt: backlog.countedAt };
}

/** The queues that are paused for all workers, and by whom; null where a pause is not on record: Bull Board made it. */
async function readPausedQueues({ queuePauses }: Pick<Database, 'queuePauses'>, queues: JobQueues) {
  const [recorded, flags] = await Promise.all([
    queuePauses.all(),
    Promise.all(QUEUE_NAMES.map((name) => queues.isPaused(name))),
  ]);
  const byName = new Map(recorded.map((pause) => [pause._id, pause]));
  return QUEUE_NAMES.flatMap((queue, index) => {
    const pause = byName.get(queue);
    if (flags[index] !== true && pause === undefined) return [];
    return { queue, at: pause?.at ?? null, user: pause?.user ?? null, via: pause?.via ?? null };
  });
}

/** @param withoutJob most of a long backlog has no job yet; to a person it waits for its download all the same */
async function collectQueues(withoutJob: number, queues: JobQueues, now: Date) {
  const entries = await Promise.all(
    QUEUE_NAMES.map(async (name) => {
      const [counts, oldest] = await Promise.all([queues.jobs.counts(name), queues.jobs.oldestWaiting(name)]);
      const ageMs = oldest === undefined ? undefined : Math.max(0, now.getTime() - oldest.getTime());
      const waiting = counts.waiting + (name === 'download' ? withoutJob : 0);
      return [
        name,
        { ...counts, waiting, oldestWaitingSeconds: ageMs === undefined ? null : ageMs / 1000 },
      ] as const;
    }),
  );
  return Object.fromEntries(entries) as Record<QueueName, (typeof entries)[number][1]>;
}
