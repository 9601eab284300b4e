import { isVerified, type SnapshotRepository } from '../database/snapshot-repository.ts';

/** A day, and time to make the snapshot. */
const OVERDUE_AFTER_MS = 26 * 3_600_000;

export type SnapshotHealth = Awaited<ReturnType<typeof readSnapshotHealth>>;

/**
 * @returns `state` `none`: there has never been a snapshot; `overdue`: the newest verified one is too old or missing.
 *   `ageMs` is that of the newest verified one. `lastError`: why the latest snapshot failed or is damaged.
 */
export async function readSnapshotHealth(snapshots: SnapshotRepository, at: Date) {
  const [[latest], stored] = await Promise.all([snapshots.recent(1), snapshots.withStatus('stored')]);
  const lastError = latest?.error ?? undefined;
  const newest = stored.find(isVerified);
  if (newest === undefined) {
    const isNone = latest === undefined || latest.status === 'running';
    return {
      state: isNone ? 'none' : 'overdue',
      newestVerified: undefined,
      ageMs: undefined,
      lastError,
    } as const;
  }
  const { _id: name, started_at, verified_at } = newest;
  const ageMs = at.getTime() - started_at.getTime();
  const state = ageMs > OVERDUE_AFTER_MS ? 'overdue' : 'ok';
  const newestVerified = { name, at: started_at, verifiedAt: verified_at ?? started_at };
  return { state, newestVerified, ageMs, lastError } as const;
}
