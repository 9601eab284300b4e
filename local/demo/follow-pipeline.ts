import type { VideoStatus } from '../../src/domain/video-status.ts';
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../../src/database/database.ts';
import { createProgress } from '../../src/runtime/progress-bar.ts';
import { UserError } from '../../src/runtime/user-error.ts';
import type { GuardedProcess } from '../guard-client.ts';

export interface FollowOptions {
  readonly database: Database;
  /** The processes that must keep running. */
  readonly programs: readonly GuardedProcess[];
  readonly enqueue: GuardedProcess;
  readonly signal: AbortSignal;
}

const INTERVAL_MS = 300;
const DEADLINE_MS = 5 * 60_000;
const UNFINISHED: readonly VideoStatus[] = ['discovered', 'downloaded', 'stored', 'retrying'];

/**
 * Shows progress until no video is unfinished.
 * @throws UserError when a process ends or it takes too long.
 */
export async function followPipeline(options: FollowOptions): Promise<void> {
  const { database, enqueue, programs, signal } = options;
  const progress = createProgress({ label: 'Mirrored', unit: 'videos' });
  const endsAt = Date.now() + DEADLINE_MS;
  let ended: GuardedProcess | undefined;
  let enqueueEnded: true | undefined;
  for (const program of programs) {
    void program.ended.then(() => {
      ended = program;
    });
  }
  void enqueue.ended.then(() => {
    enqueueEnded = true;
  });
  try {
    for (;;) {
      signal.throwIfAborted();
      // Read before the counts, so that they include everything that was enqueued.
      const isEnqueued = enqueueEnded === true;
      const counts = await database.overview.countByStatus();
      const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
      const left = UNFINISHED.reduce((sum, status) => sum + counts[status], 0);
      progress.setTotal(total);
      progress.update(counts.mirrored);
      progress.note(() => noteOf(counts));
      if (isEnqueued && total > 0 && left === 0) return;
      if (isEnqueued && total === 0)
        throw new UserError(`Nothing was enqueued; see ${enqueue.logFile ?? 'its log'}.`);
      if (ended !== undefined)
        throw new UserError(`The ${ended.name} ended early; see ${ended.logFile ?? 'its log'}.`);
      if (Date.now() > endsAt)
        throw new UserError('The demo takes too long; see the logs in .sonotheque/demo/logs.');
      await delay(INTERVAL_MS, undefined, { signal });
    }
  } finally {
    progress.stop();
  }
}

function noteOf(counts: Readonly<Record<VideoStatus, number>>): string {
  return (['discovered', 'downloaded', 'stored', 'retrying', 'failed', 'skipped'] as const)
    .filter((status) => counts[status] > 0)
    .map((status) => `${String(counts[status])} ${status}`)
    .join(', ');
}
