import { QUEUE_NAMES } from '../../src/domain/queues.ts';
import { VIDEO_STATUSES, type VideoStatus } from '../../src/domain/video-status.ts';
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../../src/database/database.ts';
import type { JobQueues } from '../../src/queues/job-queues.ts';
import type { Progress } from '../../src/runtime/progress-bar.ts';

const INTERVAL_MS = 500;
const FINAL: readonly VideoStatus[] = ['mirrored', 'failed', 'skipped'];

export interface WaitOptions {
  readonly database: Database;
  readonly queues: JobQueues;
  readonly items: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Waits until every item is in a final state or the signal aborts. @returns whether all are. */
export async function waitUntilFinal(options: WaitOptions): Promise<boolean> {
  const { database, items, progress, signal } = options;
  for (;;) {
    const counts = await database.overview.countByStatus();
    const final = FINAL.reduce((sum, status) => sum + counts[status], 0);
    progress.update(final);
    progress.note(() =>
      VIDEO_STATUSES.filter((status) => counts[status] > 0)
        .map((status) => `${String(counts[status])} ${status}`)
        .join(', '),
    );
    if (final >= items) return true;
    if (!(await elapsed(INTERVAL_MS, signal))) return false;
  }
}

/** Waits until no queue has a job that will still run, or the signal aborts. @returns how many jobs are left. */
export async function waitUntilIdle({ queues, signal }: WaitOptions): Promise<number> {
  for (;;) {
    let unfinished = 0;
    for (const name of QUEUE_NAMES) {
      // Repeated maintenance always has its next run among the delayed ones.
      const { waiting, active, delayed } = await queues.jobs.counts(name);
      unfinished += waiting + active + (name === 'maintenance' ? 0 : delayed);
    }
    if (unfinished === 0 || !(await elapsed(INTERVAL_MS, signal))) return unfinished;
  }
}

/** Waits so long. @returns false when the signal aborted. */
export async function elapsed(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await delay(ms, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
