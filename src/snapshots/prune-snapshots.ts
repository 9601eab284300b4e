import type { SnapshotConfig } from '../config/config.ts';
import { isVerified, type SnapshotRepository } from '../database/snapshot-repository.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { planRetention, type RetentionDecision } from './retention.ts';
import { removeSnapshot } from './snapshot-objects.ts';

/** What pruning takes. */
export interface Pruning {
  readonly snapshots: SnapshotRepository;
  readonly keep: SnapshotConfig['keep'];
  /** Where copies are; the bucket comes last, as the record follows it. */
  readonly stores: readonly ObjectStore[];
  /** Decides only. */
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

/** Removes the snapshots that the retention does not keep. @returns what was decided for each, newest first. */
export async function pruneSnapshots(pruning: Pruning): Promise<RetentionDecision[]> {
  const { snapshots, keep, stores, dryRun, signal } = pruning;
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
