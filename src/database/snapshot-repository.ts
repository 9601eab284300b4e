import type { SnapshotDocument } from './collections/snapshot.ts';
import { unlessDuplicateKey } from './duplicate-key.ts';
import type { Model } from 'mongoose';

export type BegunSnapshot = Pick<SnapshotDocument, '_id' | 'format' | 'started_at' | 'bucket' | 'key'>;
export type StoredSnapshot = Required<Pick<SnapshotDocument, 'size' | 'sha256'>> &
  Pick<SnapshotDocument, 'consistency' | 'collections' | 'note'>;

/** The records of snapshots. The snapshots themselves are in the bucket; lost records are recovered from there. */
export class SnapshotRepository {
  readonly #snapshots: Model<SnapshotDocument>;

  constructor(snapshots: Model<SnapshotDocument>) {
    this.#snapshots = snapshots;
  }

  /** Records that a snapshot is being made. @returns false when one with this name exists. */
  async begin(snapshot: BegunSnapshot): Promise<boolean> {
    const created = await unlessDuplicateKey(
      this.#snapshots.create({
        ...snapshot,
        status: 'running',
        alive_at: snapshot.started_at,
        consistency: 'per-collection',
        collections: [],
      }),
    );
    return created !== undefined;
  }

  /** Removes the record of a snapshot that was begun and not made. */
  async withdraw(name: string): Promise<void> {
    await this.#snapshots.deleteOne({ _id: name, status: 'running' });
  }

  /** Records that the process which makes the snapshot is alive. */
  async keepAlive(name: string, at: Date): Promise<void> {
    await this.#snapshots.updateOne({ _id: name, status: 'running' }, { $set: { alive_at: at } });
  }

  /** The snapshot is completely in the bucket. */
  async markStored(name: string, stored: StoredSnapshot, at: Date): Promise<void> {
    await this.#snapshots.updateOne(
      { _id: name },
      { $set: { ...stored, status: 'stored', finished_at: at }, $unset: { alive_at: 1, error: 1 } },
    );
  }

  /** The snapshot was not made, or is missing in the bucket although it was not pruned. */
  async markFailed(name: string, error: string, at: Date): Promise<void> {
    await this.#snapshots.updateOne(
      { _id: name },
      { $set: { status: 'failed', error, finished_at: at }, $unset: { alive_at: 1 } },
    );
  }

  /** Records a snapshot that is in the bucket and has no record, or one that says it failed. */
  async adopt(snapshot: BegunSnapshot & StoredSnapshot): Promise<void> {
    const { _id, ...fields } = snapshot;
    await this.#snapshots.updateOne(
      { _id },
      { $set: { ...fields, status: 'stored' }, $unset: { alive_at: 1, error: 1 } },
      { upsert: true },
    );
  }

  /** The stored bytes were read again and are correct. */
  async markVerified(
    name: string,
    how: string,
    found: Pick<SnapshotDocument, 'collections' | 'size' | 'sha256'>,
    at: Date,
  ): Promise<void> {
    await this.#snapshots.updateOne(
      { _id: name },
      { $set: { ...found, verified_at: at, verification: how }, $unset: { error: 1 } },
    );
  }

  /** The stored bytes were read again and are damaged; `verified_at` keeps when they were last correct. */
  async markDamaged(name: string, reason: string): Promise<void> {
    await this.#snapshots.updateOne({ _id: name }, { $set: { verification: 'failed', error: reason } });
  }

  /** The snapshot was removed because newer ones replace it. */
  async markPruned(name: string, at: Date): Promise<void> {
    await this.#snapshots.updateOne({ _id: name }, { $set: { status: 'pruned', finished_at: at } });
  }

  async find(name: string): Promise<SnapshotDocument | undefined> {
    return (await this.#snapshots.findById(name).lean<SnapshotDocument>()) ?? undefined;
  }

  /** All snapshots of a status, newest first: a few dozen at most, unlike the pruned ones. */
  async withStatus(status: Exclude<SnapshotDocument['status'], 'pruned'>): Promise<SnapshotDocument[]> {
    return await this.#snapshots.find({ status }).sort({ started_at: -1 }).lean<SnapshotDocument[]>();
  }

  /** The newest snapshot that is in the bucket. */
  async latestStored(): Promise<SnapshotDocument | undefined> {
    const [latest] = await this.#snapshots
      .find({ status: 'stored' })
      .sort({ started_at: -1 })
      .limit(1)
      .lean<SnapshotDocument[]>();
    return latest;
  }

  /** The newest snapshots of any status. */
  async recent(limit: number): Promise<SnapshotDocument[]> {
    return await this.#snapshots.find().sort({ started_at: -1 }).limit(limit).lean<SnapshotDocument[]>();
  }
}

/** Whether the last check of the stored bytes of a snapshot found them correct. */
export function isVerified({ verified_at, verification }: SnapshotDocument): boolean {
  return verified_at !== undefined && verified_at !== null && verification !== 'failed';
}
