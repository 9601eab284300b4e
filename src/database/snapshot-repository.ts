import type { SnapshotDocument } from './collections/snapshot.ts';
import { unlessDuplicateKey } from './server-errors.ts';
import { Repository } from './repository.ts';

export type BegunSnapshot = Pick<SnapshotDocument, '_id' | 'format' | 'started_at' | 'bucket' | 'key'>;
export type StoredSnapshot = Required<Pick<SnapshotDocument, 'size' | 'sha256'>> &
  Pick<SnapshotDocument, 'consistency' | 'collections' | 'note'>;

/** The records of snapshots. The snapshots themselves are in the bucket; lost records are recovered from there. */
export class SnapshotRepository extends Repository<SnapshotDocument> {
  /** Records that a snapshot is being made. @returns false when one with this name exists. */
  async begin(snapshot: BegunSnapshot): Promise<boolean> {
    const created = await unlessDuplicateKey(
      this.model.create({
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
    await this.model.deleteOne({ _id: name, status: 'running' });
  }

  /** Records that the process which makes the snapshot is alive. */
  async keepAlive(name: string, at: Date): Promise<void> {
    await this.model.updateOne({ _id: name, status: 'running' }, { $set: { alive_at: at } });
  }

  /** The snapshot is completely in the bucket. */
  async markStored(name: string, stored: StoredSnapshot, at: Date): Promise<void> {
    await this.model.updateOne(
      { _id: name },
      { $set: { ...stored, status: 'stored', finished_at: at }, $unset: { alive_at: 1, error: 1 } },
    );
  }

  /**
   * The snapshot was not made, or is missing in the bucket although it was not pruned.
   * @param seen changes the record only while it still has this status
   */
  async markFailed(
    name: string,
    error: string,
    at: Date,
    seen: SnapshotDocument['status'] = 'running',
  ): Promise<void> {
    await this.model.updateOne(
      { _id: name, status: seen },
      { $set: { status: 'failed', error, finished_at: at }, $unset: { alive_at: 1 } },
    );
  }

  /** Records a snapshot that is in the bucket and has no record, or one that says it failed. */
  async adopt(snapshot: BegunSnapshot & StoredSnapshot): Promise<void> {
    const { _id, ...fields } = snapshot;
    // The filter does not match a record that says `stored` by now; the insertion then finds its id taken.
    await unlessDuplicateKey(
      this.model.updateOne(
        { _id, status: { $ne: 'stored' } },
        { $set: { ...fields, status: 'stored' }, $unset: { alive_at: 1, error: 1 } },
        { upsert: true },
      ),
    );
  }

  /** The stored bytes were read again and are correct. */
  async markVerified(
    name: string,
    how: string,
    found: Pick<SnapshotDocument, 'collections' | 'size' | 'sha256'>,
    at: Date,
  ): Promise<void> {
    await this.model.updateOne(
      { _id: name },
      { $set: { ...found, verified_at: at, verification: how }, $unset: { error: 1 } },
    );
  }

  /** The stored bytes were read again and are damaged; `verified_at` keeps when they were last correct. */
  async markDamaged(name: string, reason: string): Promise<void> {
    await this.model.updateOne({ _id: name }, { $set: { verification: 'failed', error: reason } });
  }

  /** The snapshot was removed because newer ones replace it. */
  async markPruned(name: string, at: Date): Promise<void> {
    await this.model.updateOne({ _id: name }, { $set: { status: 'pruned', finished_at: at } });
  }

  /** All snapshots of a status, newest first: a few dozen at most, unlike the pruned ones. */
  async withStatus(status: Exclude<SnapshotDocument['status'], 'pruned'>): Promise<SnapshotDocument[]> {
    return await this.model.find({ status }).sort({ started_at: -1 }).lean();
  }

  /** The newest snapshot that is in the bucket. */
  async latestStored(): Promise<SnapshotDocument | undefined> {
    return (await this.model.findOne({ status: 'stored' }).sort({ started_at: -1 }).lean()) ?? undefined;
  }

  /** The newest snapshots of any status. */
  async recent(limit: number): Promise<SnapshotDocument[]> {
    return await this.model.find().sort({ started_at: -1 }).limit(limit).lean();
  }
}

/** Whether the last check of the stored bytes of a snapshot found them correct. */
export function isVerified({ verified_at, verification }: SnapshotDocument): boolean {
  return verified_at !== undefined && verified_at !== null && verification !== 'failed';
}
