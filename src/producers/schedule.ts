import type { Database } from '../database/database.ts';
import type { JobError } from '../domain/job-errors.ts';
import { retryDelayMs, type Random } from '../queues/backoff.ts';
import type { JobQueues } from '../queues/job-queues.ts';

/** A first expansion that has not ended after this time is considered dead; the schedule then starts another. */
export const FIRST_EXPANSION_LIMIT_MS = 30 * 60_000;
const MIN_DELAY_MS = 10 * 60_000;

/**
 * Adds a job for each playlist whose next expansion is due; no second one while its job waits or runs.
 * @returns how many playlists are due.
 */
export async function expandDuePlaylists(
  { database, queues }: { readonly database: Database; readonly queues: JobQueues },
  now: Date,
): Promise<number> {
  const due = await database.playlists.due(now);
  for (const { _id } of due) await queues.add('playlist', { playlistId: _id });
  return due.length;
}

/** Records a failed expansion and when the playlist is expanded again. */
export async function recordExpansionFailure(
  { database, intervalMs }: { readonly database: Database; readonly intervalMs: number },
  playlistId: string,
  error: JobError,
): Promise<void> {
  const { playlists } = database;
  const failedExpansions = (await playlists.findById(playlistId))?.failed_passes ?? 0;
  const next = nextExpansionAfterFailure(error, failedExpansions, intervalMs, new Date());
  await playlists.recordFailure(playlistId, error, next);
}

/**
 * When a playlist is expanded again after a failure: soon, then with growing delays up to its normal interval. Permanent
 * failures keep the normal interval, as playlists that do not exist may come back.
 * @param failedExpansions the number of failures before this one.
 */
export function nextExpansionAfterFailure(
  error: JobError,
  failedExpansions: number,
  intervalMs: number,
  now: Date,
  random?: Random,
): Date {
  const minDelayMs = Math.min(MIN_DELAY_MS, intervalMs);
  const delayMs =
    error.outcome === 'permanent'
      ? intervalMs
      : retryDelayMs(failedExpansions, { minDelayMs, maxDelayMs: intervalMs }, random);
  return new Date(now.getTime() + delayMs);
}
