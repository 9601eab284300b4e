import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../../src/database/database.ts';
import type { VideoStatus } from '../../src/domain/video-status.ts';

export interface FollowOptions {
  readonly signal: AbortSignal;
  /** How long nothing may change. */
  readonly stallMs: number;
  /** How often the database is asked: often costs its time, seldom is inexact. */
  readonly intervalMs: number;
}

/**
 * Waits until all items have reached a status or a later one.
 * @throws Error when one failed, or nothing changed for the time
 */
export async function waitForStatus(
  database: Database,
  items: number,
  reached: readonly VideoStatus[],
  { signal, stallMs, intervalMs }: FollowOptions,
): Promise<void> {
  let before = '';
  let changedAt = performance.now();
  for (;;) {
    const counts = await database.overview.countByStatus();
    const wrong = counts.failed + counts.skipped;
    if (wrong > 0) throw new Error(`${String(wrong)} items failed or were skipped.`);
    if (reached.reduce((sum, status) => sum + counts[status], 0) >= items) return;
    const now = JSON.stringify(counts);
    if (now !== before) changedAt = performance.now();
    else if (performance.now() - changedAt > stallMs) throw new Error(`Nothing goes on: ${now}`);
    before = now;
    await delay(intervalMs, undefined, { signal });
  }
}
