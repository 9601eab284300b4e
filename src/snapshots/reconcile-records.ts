import type { SnapshotDocument } from '../database/collections/snapshot.ts';
import type { SnapshotRepository } from '../database/snapshot-repository.ts';
import type { MinioStore } from '../storage/minio-store.ts';
import { checksumKey, SNAPSHOT_FORMAT, snapshotKey } from './snapshot-names.ts';
import { listSnapshotObjects, readChecksum } from './snapshot-objects.ts';

/** A process that makes a snapshot sets `alive_at` every 15 seconds; without it for this long, it is dead. */
const DEAD_AFTER_MS = 90_000;

/**
 * Reconciles the records of snapshots with the bucket: adds records of unknown snapshots (MongoDB was restored or lost),
 * marks missing ones as failed, and removes what dead processes have left of unfinished ones.
 */
export async function reconcileRecords({
  snapshots,
  store,
  signal,
  at,
}: {
  readonly snapshots: SnapshotRepository;
  readonly store: MinioStore;
  readonly signal: AbortSignal;
  readonly at: Date;
}): Promise<void> {
  // First the records: a snapshot whose record says `stored` was in the bucket before, so a later listing has it.
  const stored = await snapshots.withStatus('stored');
  const running = await snapshots.withStatus('running');
  const objects = new Map((await listSnapshotObjects(store, signal)).map((object) => [object.name, object]));
  const alive = new Set(running.filter((record) => isAlive(record, at)).map(({ _id }) => _id));

  for (const { _id: name } of stored) {
    if (objects.delete(name)) continue;
    await snapshots.markFailed(name, 'The snapshot is no longer in the bucket.', at, 'stored');
  }
  for (const { _id: name } of running) {
    if (alive.has(name) || objects.has(name)) continue;
    await store.abortUploads(snapshotKey(name), signal);
    await store.abortUploads(checksumKey(name), signal);
    await store.remove(checksumKey(name), signal);
    await snapshots.markFailed(name, 'The process that made the snapshot died.', at, 'running');
  }
  for (const { name, at: startedAt, sizeBytes } of objects.values()) {
    if (alive.has(name)) continue;
    // Another process may have begun or stored it since the records were read.
    const record = await snapshots.findById(name);
    if (record?.status === 'stored' || (record?.status === 'running' && isAlive(record, at))) continue;
    const sha256 = await readChecksum(store, name, signal);
    await snapshots.adopt({
      _id: name,
      format: SNAPSHOT_FORMAT,
      started_at: startedAt,
      bucket: store.container,
      key: snapshotKey(name),
      size: sizeBytes,
      sha256: sha256 ?? null,
      consistency: 'per-collection',
      collections: [],
      note: 'found in the bucket',
    });
  }
}

function isAlive({ alive_at, started_at }: SnapshotDocument, at: Date): boolean {
  return at.getTime() - (alive_at ?? started_at).getTime() < DEAD_AFTER_MS;
}
