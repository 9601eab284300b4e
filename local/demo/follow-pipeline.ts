import type { VideoStatus } from '../../src/domain/video-status.ts';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../../src/config/config.ts';
import type { Database } from '../../src/database/database.ts';
import type { JobQueues } from '../../src/queues/job-queues.ts';
import { createProgress } from '../../src/runtime/progress-bar.ts';
import { UserError } from '../../src/runtime/user-error.ts';
import type { GuardedProcess } from '../guard-client.ts';

/** What is followed, and the processes that must live meanwhile. */
export interface FollowOptions {
  readonly database: Database;
  readonly queues: JobQueues;
  readonly config: Config;
  readonly programs: readonly GuardedProcess[];
  readonly enqueue: GuardedProcess;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

const INTERVAL_MS = 300;
const DEADLINE_MS = 5 * 60_000;
const UNDER_WAY: readonly VideoStatus[] = ['discovered', 'downloaded', 'stored', 'retrying'];

/**
 * Shows how the videos come along until none is under way any more.
 * @throws UserError when a process dies or it takes too long.
 */
export async function followPipeline(options: FollowOptions): Promise<void> {
  const { database, enqueue, programs, signal } = options;
  const progress = createProgress({ label: 'Mirrored', unit: 'videos' });
  const endsAt = Date.now() + DEADLINE_MS;
  let dead: GuardedProcess | undefined;
  for (const program of programs) {
    void program.ended.then(() => {
      dead = program;
    });
  }
  const expanded = { done: false };
  void enqueue.ended.then(() => {
    expanded.done = true;
  });
  try {
    for (;;) {
      signal.throwIfAborted();
      const isExpanded = expanded.done;
      const counts = await database.overview.countByStatus();
      const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
      const left = UNDER_WAY.reduce((sum, status) => sum + counts[status], 0);
      progress.setTotal(total);
      progress.update(counts.mirrored);
      progress.note(noteOf(counts));
      if (isExpanded && total > 0 && left === 0) return;
      if (isExpanded && total === 0)
        throw new UserError(`Nothing was enqueued; see ${enqueue.logFile ?? 'its log'}.`);
      if (dead !== undefined)
        throw new UserError(`The ${dead.name} ended early; see ${dead.logFile ?? 'its log'}.`);
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
