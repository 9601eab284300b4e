import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../../src/database/database.ts';
import type { Stage, VideoStatus } from '../../src/domain/video-status.ts';
import type { JobQueues } from '../../src/queues/job-queues.ts';

/** What each stage leads to, and what comes after it. */
const REACHED: Readonly<Record<Stage, readonly VideoStatus[]>> = {
  download: ['downloaded', 'stored', 'mirrored'],
  upload: ['stored', 'mirrored'],
  sync: ['mirrored'],
};

export interface FollowOptions {
  readonly database: Database;
  readonly queues: JobQueues;
  readonly signal: AbortSignal;
  /** How long nothing may change. */
  readonly stallMs: number;
  /** How often Redis is asked. */
  readonly intervalMs: number;
}

/**
 * Waits until all items are through a stage. Redis is asked, which costs next to nothing, and the database once its queue says
 * so: asked five times a second, it takes a twentieth of the processors' time from what is measured.
 * @throws Error when one failed, or nothing changed for the time
 */
export async function waitForItems(
  items: number,
  stage: Stage,
  { database, queues, signal, stallMs, intervalMs }: FollowOptions,
): Promise<void> {
  let before = '';
  let changedAt = performance.now();
  for (;;) {
    const jobs = await queues.jobs.counts(stage);
    const isStalled = performance.now() - changedAt > stallMs;
    if (jobs.completed >= items || isStalled) {
      const videos = await database.overview.countByStatus();
      const wrong = videos.failed + videos.skipped;
      if (wrong > 0) throw new Error(`${String(wrong)} items failed or were skipped.`);
      if (REACHED[stage].reduce((sum, status) => sum + videos[status], 0) >= items) return;
      if (isStalled) throw new Error(`Nothing goes on: ${JSON.stringify(videos)}`);
    }
    const now = JSON.stringify(jobs);
    if (now !== before) changedAt = performance.now();
    before = now;
    await delay(intervalMs, undefined, { signal });
  }
}
