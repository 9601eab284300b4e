import type { Model } from 'mongoose';
import type { SnapshotDocument } from './collection-documents.ts';

/** What is known of a snapshot when it is begun. */
export type BegunSnapshot = Pick<SnapshotDocument, '_id' | 'format' | 'started_at' | 'bucket' | 'key'>;
/** What is known of a snapshot once it is in the bucket. */
export type StoredSnapshot = Required<Pick<SnapshotDocument, 'size' | 'sha256'>> &
  Pick<SnapshotDocument, 'consistency' | 'collections' | 'note'>;

/** MongoDB's DuplicateKey. */
const DUPLICATE_KEY = 11_000;

/** The record of snapshots. The bucket holds them; what is lost here is found there again. */
export class SnapshotRepository {
  readonly #snapshots: Model<SnapshotDocument>;

  constructor(snapshots: Model<SnapshotDocument>) {
    this.#snapshots = snapshots;
  }

  /** Records that a snapshot is being made. @returns false when there is one of this name. */
  async begin(snapshot: BegunSnapshot): Promise<boolean> {
    try {
      await this.#snapshots.create({
        ...snapshot,
        status: 'running',
        alive_at: snapshot.started_at,
        consistency: 'per-collection',
        collections: [],
      });
      return true;
    } catch (error) {
      if ((error as { code?: unknown }).code === DUPLICATE_KEY) return false;
      throw error;
    }
  }

  /** Takes back a beginning that came to nothing. */
  async withdraw(name: string): Promise<void> {
    await this.#snapshots.deleteOne({ _id: name, status: 'running' });
  }

  /** Says that the process which makes it still lives. */
  async keepAlive(name: string, at: Date): Promise<void> {
    await this.#snapshots.updateOne({ _id: name, status: 'running' }, { $set: { alive_at: at } });
  }

  /** It is in the bucket, whole. */
  async markStored(name: string, stored: StoredSnapshot, at: Date): Promise<void> {
    await this.#snapshots.updateOne(
      { _id: name },
      { $set: { ...stored, status: 'stored', finished_at: at }, $unset: { alive_at: 1, error: 1 } },
    );
  }

  /** It was not made, or is no longer in the bucket although nothing removed it. */
  async markFailed(name: string, error: string, at: Date): Promise<void> {
    await this.#snapshots.updateOne(
      { _id: name },
      { $set: { status: 'failed', error, finished_at: at }, $unset: { alive_at: 1 } },
    );
  }

  /** Takes in a snapshot that is in the bucket and not in the record, or was said to have failed. */
  async adopt(snapshot: BegunSnapshot & StoredSnapshot): Promise<void> {
    const { _id, ...fields } = snapshot;
    await this.#snapshots.updateOne(
      { _id },
      { $set: { ...fields, status: 'stored' }, $unset: { alive_at: 1, error: 1 } },
      { upsert: true },
    );
  }

  /** Its bytes were read again and are good. */
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

  /** Its bytes were read again and are not what was stored; when it was last good stays. */
  async markDamaged(name: string, reason: string): Promise<void> {
    await this.#snapshots.updateOne({ _id: name }, { $set: { verification: 'failed', error: reason } });
  }

  /** It was removed to make room for newer ones. */
  async markPruned(name: string, at: Date): Promise<void> {
    await this.#snapshots.updateOne({ _id: name }, { $set: { status: 'pruned', finished_at: at } });
  }

  async find(name: string): Promise<SnapshotDocument | undefined> {
    return (await this.#snapshots.findById(name).lean<SnapshotDocument>()) ?? undefined;
  }

  /** All of a status, newest first. There are a few dozen at most, but for pruned ones. */
  async withStatus(status: Exclude<SnapshotDocument['status'], 'pruned'>): Promise<SnapshotDocument[]> {
    return await this.#snapshots.find({ status }).sort({ started_at: -1 }).lean<SnapshotDocument[]>();
  }

  /** The newest that is in the bucket. */
  async latestStored(): Promise<SnapshotDocument | undefined> {
    const [latest] = await this.#snapshots
      .find({ status: 'stored' })
      .sort({ started_at: -1 })
      .limit(1)
      .lean<SnapshotDocument[]>();
    return latest;
  }

  /** The newest of any status. */
  async recent(limit: number): Promise<SnapshotDocument[]> {
    return await this.#snapshots.find().sort({ started_at: -1 }).limit(limit).lean<SnapshotDocument[]>();
  }
}

/** Whether a snapshot's stored bytes were read again and found good, and nothing since has said otherwise. */
export function isVerified({ verified_at, verification }: SnapshotDocument): boolean {
  return verified_at !== undefined && verified_at !== null && verification !== 'failed';
}
