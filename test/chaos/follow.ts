import { VIDEO_STATUSES, type VideoStatus } from '../../src/domain/video-status.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { QUEUE_NAMES } from '../../src/queues/catalogue.ts';
import type { Database } from '../../src/database/database.ts';
import type { JobQueues } from '../../src/queues/job-queues.ts';
import type { Progress } from '../../src/runtime/progress-bar.ts';

const INTERVAL_MS = 500;
const FINAL: readonly VideoStatus[] = ['mirrored', 'failed', 'skipped'];

/** What is followed, and until when at the latest. */
export interface FollowOptions {
  readonly database: Database;
  readonly queues: JobQueues;
  readonly items: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Waits until every item is in a final state, as long as the signal allows. @returns whether that was reached. */
export async function followUntilFinal(options: FollowOptions): Promise<boolean> {
  const { database, items, progress, signal } = options;
  for (;;) {
    const counts = await database.overview.countByStatus();
    const final = FINAL.reduce((sum, status) => sum + counts[status], 0);
    progress.update(final);
    progress.note(
      VIDEO_STATUSES.filter((status) => counts[status] > 0)
        .map((status) => `${String(counts[status])} ${status}`)
        .join(', '),
    );
    if (final >= items) return true;
    if (!(await passed(INTERVAL_MS, signal))) return false;
  }
}

/** Waits until no queue holds a job that will still do something by itself. @returns how many are left in the end. */
export async function followUntilIdle({ queues, signal }: FollowOptions): Promise<number> {
  for (;;) {
    let left = 0;
    for (const name of QUEUE_NAMES) {
      // Repeated maintenance always has its next run among the delayed ones.
      const { waiting, active, delayed } = await queues.counts(name);
      left += waiting + active + (name === 'maintenance' ? 0 : delayed);
    }
    if (left === 0 || !(await passed(INTERVAL_MS, signal))) return left;
  }
}

async function passed(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await delay(ms, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
