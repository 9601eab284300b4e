import type { Model, PipelineStage } from 'mongoose';
import { JoinedReads } from '../runtime/joined-reads.ts';
import type { KeptCountDocument } from './collections/kept-count.ts';
import { Repository } from './repository.ts';
import { unlessDuplicateKey } from './server-errors.ts';

/** A count, and its age. */
export interface Counted<T> {
  readonly counts: T;
  /** When it was counted; undefined: now, for who asks. */
  readonly countedAt: Date | undefined;
}

/** How many of each group there are. */
export type Groups = ReadonlyMap<string, number>;

/** What is counted: a range of an index, that of its filter. */
export interface Counting {
  readonly name: string;
  readonly model: Pick<Model<unknown>, 'aggregate'>;
  readonly filter: PipelineStage.Match['$match'];
  /** The field whose values are the groups. */
  readonly by: string;
}

export interface CountLimits {
  /** So many are counted for each who asks; of more, the last count is kept and shown. */
  readonly exactUpTo: number;
  /** A kept count is renewed when somebody asks and it is older, and 20 times as old as it took: counting takes 5 % of the time at most. */
  readonly renewedAfterMs: number;
  /** Who finds only an older one waits for a new one. */
  readonly shownForMs: number;
}

/** 20,000 keys of an index are read in some 15 ms. */
const LIMITS: CountLimits = { exactUpTo: 20_000, renewedAfterMs: 5_000, shownForMs: 600_000 };
const REST_FACTOR = 20;

/**
 * Counts for whoever asks often: pages, metrics, the command `status`. Up to 20,000 are counted each time, so that every change shows at
 * once. Of more, the last count is kept in MongoDB with its time, for all processes, and is what is shown while another one is
 * made; reconcile makes one, too. So an answer takes as long for a million as for 20,000.
 *
 * There are no counters that are changed with each video: many processes change the status of a video with conditions and without
 * transactions, so that a crash between the two would leave them wrong until all is counted anyway.
 */
export class KeptCounts extends Repository<KeptCountDocument> {
  readonly #limits: CountLimits;
  /** Those who ask at the same time share a reading. */
  readonly #reads = new JoinedReads<Counted<Groups>>();
  /** Counts of everything that are under way. */
  readonly #underWay = new Map<string, Promise<Counted<Groups>>>();

  constructor(model: Model<KeptCountDocument>, limits: Partial<CountLimits> = {}) {
    super(model);
    this.#limits = { ...LIMITS, ...limits };
  }

  get exactUpTo(): number {
    return this.#limits.exactUpTo;
  }

  /** All of them, or the last count. */
  read(counting: Counting): Promise<Counted<Groups>> {
    return this.#reads.read(counting.name, () => this.#read(counting));
  }

  /** Counts anew what was too large to be counted for each who asks. */
  async renew(counting: Counting): Promise<void> {
    const kept = groupsOf(await this.findById(counting.name));
    if (sumOf(kept) > this.exactUpTo) await this.#count(counting);
  }

  /** @returns undefined when there are more than are counted for each who asks */
  async countFew(counting: Counting): Promise<Groups | undefined> {
    const groups = await group(counting, [{ $limit: this.exactUpTo + 1 }]);
    return sumOf(groups) > this.exactUpTo ? undefined : groups;
  }

  async #read(counting: Counting): Promise<Counted<Groups>> {
    const { exactUpTo, renewedAfterMs, shownForMs } = this.#limits;
    const kept = await this.findById(counting.name);
    const groups = groupsOf(kept);
    if (kept === undefined || sumOf(groups) <= exactUpTo) {
      const counts = await this.countFew(counting);
      return counts === undefined ? await this.#count(counting) : { counts, countedAt: undefined };
    }
    // The clock of who counted may be ahead.
    const ageMs = Math.abs(Date.now() - kept.counted_at.getTime());
    if (ageMs > shownForMs) return await this.#count(counting);
    if (ageMs > Math.max(renewedAfterMs, REST_FACTOR * kept.took_ms)) {
      // Who asks next sees it. When it fails, the time that is shown says so.
      void this.#count(counting).catch(() => undefined);
    }
    return { counts: groups, countedAt: kept.counted_at };
  }

  /** Counts all of them and keeps the result. */
  #count(counting: Counting): Promise<Counted<Groups>> {
    const { name } = counting;
    const underWay = this.#underWay.get(name);
    if (underWay !== undefined) return underWay;
    const count = this.#countAndKeep(counting).finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, count);
    return count;
  }

  async #countAndKeep(counting: Counting): Promise<Counted<Groups>> {
    const countedAt = new Date();
    const startedAt = performance.now();
    const counts = await group(counting, []);
    const kept = {
      groups: Array.from(counts, ([name, count]) => ({ name, count })),
      counted_at: countedAt,
      took_ms: performance.now() - startedAt,
    };
    // Of several at once the latest stays. Who may only read does without.
    await unlessDuplicateKey(
      this.model.updateOne(
        { _id: counting.name, counted_at: { $lt: countedAt } },
        { $set: kept },
        { upsert: true },
      ),
    ).catch(() => undefined);
    return { counts, countedAt };
  }
}

async function group(
  { model, filter, by }: Counting,
  limit: readonly PipelineStage.Limit[],
): Promise<Groups> {
  const groups = await model.aggregate<{ readonly _id: string | null; readonly count: number }>([
    { $match: filter },
    ...limit,
    { $group: { _id: `$${by}`, count: { $sum: 1 } } },
  ]);
  return new Map(groups.map(({ _id, count }) => [_id ?? 'unknown', count]));
}

function groupsOf(kept: KeptCountDocument | undefined): Groups {
  return new Map((kept?.groups ?? []).map(({ name, count }) => [name, count]));
}

export function sumOf(groups: Groups): number {
  return [...groups.values()].reduce((sum, count) => sum + count, 0);
}
