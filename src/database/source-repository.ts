import type { RunStatus } from './collections/run.ts';
import type { SourceDocument } from './collections/source.ts';
import { unlessDuplicateKey } from './server-errors.ts';
import { Repository } from './repository.ts';

/** The fields of a source that come from sources.yaml. */
export type SourceRegistration = Pick<
  SourceDocument,
  '_id' | 'kind' | 'label' | 'enabled' | 'disabled_reason' | 'schedule' | 'freshness'
>;

/** The end of a run, as its source records it. */
export interface RunEnd {
  /** `progress.sequence` of the run. */
  readonly sequence: number;
  readonly status: Extract<RunStatus, 'success' | 'partial' | 'failed'>;
  /** False when the run succeeded but found too little for the source to count as fresh. */
  readonly isFresh: boolean;
  readonly hasNewItems: boolean;
  readonly at: Date;
}

/** The sources: their configuration, how far each has been read, and how its latest runs ended. */
export class SourceRepository extends Repository<SourceDocument> {
  /** Records all sources of sources.yaml. Sources that are no longer in it stay, with `configured: false`. */
  async sync(registrations: readonly SourceRegistration[], now: Date): Promise<void> {
    for (const registration of registrations) await this.register(registration, now);
    await this.model.updateMany(
      { _id: { $nin: registrations.map(({ _id }) => _id) }, configured: true },
      { $set: { configured: false, updated_at: now } },
    );
  }

  /** Records one source of sources.yaml. When its kind has changed, its state is removed: the new kind cannot read it. */
  async register({ _id, ...entry }: SourceRegistration, now: Date): Promise<void> {
    const { disabled_reason = null, ...rest } = entry;
    await this.model.updateOne(
      { _id, kind: { $ne: entry.kind } },
      { $set: { kind: entry.kind }, $unset: { state: 1 }, $inc: { state_version: 1 } },
    );
    const upsert = () =>
      this.model.updateOne(
        { _id },
        {
          $set: { ...rest, disabled_reason, configured: true, updated_at: now },
          $setOnInsert: { state_version: 0, consecutive_failures: 0, runs_begun: 0 },
        },
        { upsert: true },
      );
    // Repeated when another process registered it at the same instant.
    if ((await unlessDuplicateKey(upsert())) === undefined) await upsert();
  }

  /** All sources that were ever configured, in the order of their ids. */
  async all(): Promise<SourceDocument[]> {
    return await this.model.find().sort({ _id: 1 }).lean();
  }

  /** The sequence number of a new run. @throws Error when the source is not registered. */
  async nextSequence(id: string): Promise<number> {
    const source = await this.model
      .findOneAndUpdate({ _id: id }, { $inc: { runs_begun: 1 } }, { returnDocument: 'after' })
      .lean();
    if (source?.runs_begun === undefined) throw new Error(`The source ${id} is not registered.`);
    return source.runs_begun;
  }

  /**
   * Saves how far the source has been read.
   * @returns false when the state no longer has the expected version because another run saved it first.
   */
  async saveState(id: string, expectedVersion: number, state: unknown): Promise<boolean> {
    const result = await this.model.updateOne(
      { _id: id, state_version: expectedVersion },
      { $set: { state, state_version: expectedVersion + 1, updated_at: new Date() } },
    );
    return result.matchedCount > 0;
  }

  async recordRunBegin(id: string, at: Date): Promise<void> {
    await this.model.updateOne({ _id: id }, { $set: { last_run_at: at } });
  }

  /** Records how a run ended. Safe to repeat: a run that fails in several attempts counts as one failure. */
  async recordRunEnd(id: string, end: RunEnd): Promise<void> {
    const newItems = end.hasNewItems ? { last_new_item_at: end.at } : {};
    if (end.status === 'failed') {
      await this.model.updateOne(
        { _id: id, last_failure_sequence: { $not: { $gte: end.sequence } } },
        { $set: { last_failure_sequence: end.sequence }, $inc: { consecutive_failures: 1 } },
      );
      if (end.hasNewItems) await this.model.updateOne({ _id: id }, { $set: newItems });
      return;
    }
    await this.model.updateOne(
      { _id: id },
      {
        $set: { consecutive_failures: 0, ...newItems, ...(end.isFresh ? { last_success_at: end.at } : {}) },
        ...(end.status === 'success' ? { $max: { last_success_sequence: end.sequence } } : {}),
      },
    );
  }
}
