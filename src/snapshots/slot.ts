import { previousTick, type CronSchedule } from '../config/cron.ts';
import type { SnapshotDocument } from '../database/collection-documents.ts';
import type { SnapshotRepository } from '../database/snapshot-repository.ts';

/** Clocks of different hosts differ by so much at most. */
const CLOCK_TOLERANCE_MS = 60_000;
/** A slot is left to its own tick for so long before it counts as missed. */
const MISSED_AFTER_MS = 60_000;
/** After an attempt that came to nothing, the next is made this much later, if no tick comes before. */
const AGAIN_AFTER_MS = 3_600_000;
/** Attempts of the last hour are among the newest so many. */
const MOST_ATTEMPTS = 20;

/**
 * The newest snapshot that stands for a slot of the schedule: one in the bucket that was begun in or after the slot and is
 * not known to be damaged. One in the future, by a clock that was wrong, stands for nothing.
 */
export async function findMade(
  snapshots: SnapshotRepository,
  slot: Date,
  now: Date,
): Promise<SnapshotDocument | undefined> {
  const stored = await snapshots.withStatus('stored');
  return stored.find(
    (record) => record.verification !== 'failed' && record.started_at >= slot && isPast(record, slot, now),
  );
}

/**
 * Whether the latest slot came to nothing: nothing ran, the tick was lost, or the attempt failed, which is left alone
 * for an hour. Where no snapshot was ever made, the first is left to the schedule.
 */
export async function isSnapshotMissed(
  snapshots: SnapshotRepository,
  schedule: CronSchedule,
  now: Date,
): Promise<boolean> {
  const slot = previousTick(schedule, new Date(now.getTime() - MISSED_AFTER_MS));
  const attempts = await snapshots.recent(MOST_ATTEMPTS);
  if (attempts.length === 0) return false;
  const isRecent = (record: SnapshotDocument) =>
    record.started_at.getTime() > now.getTime() - AGAIN_AFTER_MS && isPast(record, now, now);
  const sinceSlot = attempts.filter(({ started_at }) => started_at >= slot);
  return !sinceSlot.some(isRecent) && (await findMade(snapshots, slot, now)) === undefined;
}

function isPast({ started_at }: SnapshotDocument, slot: Date, now: Date): boolean {
  return started_at.getTime() <= Math.max(slot.getTime(), now.getTime()) + CLOCK_TOLERANCE_MS;
}
