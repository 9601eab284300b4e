import { latestDueSlot, latestPlausibleTime, type CronSchedule } from '../config/cron.ts';
import type { SnapshotDocument } from '../database/collections/snapshot.ts';
import type { SnapshotRepository } from '../database/snapshot-repository.ts';

/** A failed attempt is repeated after this time, unless the next slot comes first. */
const RETRY_AFTER_MS = 3_600_000;
/** More attempts than any hour has. */
const MAX_ATTEMPTS = 20;

/**
 * The newest snapshot that was started in or after a slot of the schedule, is in the bucket and is not known to be
 * damaged. Snapshots with a future time, which a wrong clock has given them, are ignored.
 */
export async function findSnapshotForSlot(
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
 * Whether the latest slot has no snapshot: no worker ran, the job was lost, or the attempt failed an hour ago or earlier.
 * False when there has never been a snapshot: the schedule starts the first.
 */
export async function isSnapshotMissed(
  snapshots: SnapshotRepository,
  schedule: CronSchedule,
  now: Date,
): Promise<boolean> {
  const slot = latestDueSlot(schedule, now);
  const attempts = await snapshots.recent(MAX_ATTEMPTS);
  if (attempts.length === 0) return false;
  const isRecent = (record: SnapshotDocument) =>
    record.started_at.getTime() > now.getTime() - RETRY_AFTER_MS && isPast(record, now, now);
  const sinceSlot = attempts.filter(({ started_at }) => started_at >= slot);
  return !sinceSlot.some(isRecent) && (await findSnapshotForSlot(snapshots, slot, now)) === undefined;
}

function isPast({ started_at }: SnapshotDocument, slot: Date, now: Date): boolean {
  return started_at <= latestPlausibleTime(slot, now);
}
