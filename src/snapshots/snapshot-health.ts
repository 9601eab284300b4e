import { isVerified, type SnapshotRepository } from '../database/snapshot-repository.ts';

/** A day, and time to make the snapshot. */
const OVERDUE_AFTER_MS = 26 * 3_600_000;

export interface SnapshotHealth {
  /** `none`: there has never been a snapshot. `overdue`: the newest verified one is too old or missing. */
  readonly state: 'ok' | 'overdue' | 'none';
  readonly newestVerified:
    { readonly name: string; readonly at: Date; readonly verifiedAt: Date } | undefined;
  /** Age of the newest verified snapshot. */
  readonly ageMs: number | undefined;
  /** Why the latest snapshot failed or is damaged. */
  readonly lastError: string | undefined;
}

export async function readSnapshotHealth(snapshots: SnapshotRepository, at: Date): Promise<SnapshotHealth> {
  const [[latest], stored] = await Promise.all([snapshots.recent(1), snapshots.withStatus('stored')]);
  const newest = stored.find(isVerified);
  const lastError = latest?.error ?? undefined;
  if (newest === undefined) {
    const state = latest === undefined || latest.status === 'running' ? 'none' : 'overdue';
    return { state, newestVerified: undefined, ageMs: undefined, lastError };
  }
  const ageMs = at.getTime() - newest.started_at.getTime();
  const { _id: name, started_at, verified_at } = newest;
  return {
    state: ageMs > OVERDUE_AFTER_MS ? 'overdue' : 'ok',
    newestVerified: { name, at: started_at, verifiedAt: verified_at ?? started_at },
    ageMs,
    lastError,
  };
}
