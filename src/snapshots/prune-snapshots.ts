import type { SnapshotConfig } from '../config/config.ts';
import { isVerified, type SnapshotRepository } from '../database/snapshot-repository.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { planRetention, type RetentionDecision } from './retention.ts';
import { removeSnapshot } from './snapshot-objects.ts';

/** Removes the snapshots that the retention does not keep. @returns the decisions, newest snapshot first. */
export async function pruneSnapshots(options: {
  readonly snapshots: SnapshotRepository;
  readonly keep: SnapshotConfig['keep'];
  /** Where copies are. The bucket comes last, as records are reconciled with it. */
  readonly stores: readonly ObjectStore[];
  /** Only decides; removes nothing. */
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}): Promise<RetentionDecision[]> {
  const { snapshots, keep, stores, dryRun, signal } = options;
  const stored = await snapshots.withStatus('stored');
  const plan = planRetention(
    stored.map((record) => ({ name: record._id, at: record.started_at, isVerified: isVerified(record) })),
    keep,
  );
  if (dryRun) return plan;
  for (const { name, isKept } of plan) {
    if (isKept) continue;
    for (const store of stores) await removeSnapshot(store, name, signal);
    await snapshots.markPruned(name, new Date());
  }
  return plan;
}
