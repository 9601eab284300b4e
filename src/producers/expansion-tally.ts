import type { SkipReason } from '../domain/video-status.ts';
import type { PlaylistReference } from '../media/playlist-listing.ts';

/** What an expansion has found so far, or in all. */
export interface Expansion {
  readonly id: string;
  readonly url: string;
  readonly title?: string;
  /** What the site says the list holds; left out when it does not say. */
  readonly announced?: number;
  /** Entries that were listed, repeated ones counted each time. */
  readonly found: number;
  /** Different videos that the filters took in. */
  readonly accepted: number;
  /** Accepted videos that no listing had found before. */
  readonly new: number;
  /** Accepted videos that were known. */
  readonly alreadyKnown: number;
  /** Of the known ones, those that `--force` opened again. */
  readonly reopened: number;
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
  /** Entries that repeat a video listed before. */
  readonly repeated: number;
  readonly complete: boolean;
  /** Why it is not complete, besides the counts; the first few. */
  readonly problems: readonly string[];
}

const KEPT_PROBLEMS = 20;

/** Counts while a playlist is expanded. */
export class ExpansionTally {
  readonly #reference: PlaylistReference;
  readonly #skipped: Partial<Record<SkipReason, number>> = {};
  readonly #problems: string[] = [];
  title: string | undefined;
  announced: number | undefined;
  found = 0;
  accepted = 0;
  new = 0;
  reopened = 0;
  repeated = 0;

  constructor(reference: PlaylistReference) {
    this.#reference = reference;
  }

  skip(reason: SkipReason): void {
    this.#skipped[reason] = (this.#skipped[reason] ?? 0) + 1;
  }

  problem(reason: string): void {
    if (this.#problems.length < KEPT_PROBLEMS) this.#problems.push(reason);
  }

  /**
   * Complete means: read to the end (or to the last entry that was wanted) without a problem, and no fewer entries
   * than announced.
   * @param newest how many entries were wanted.
   */
  result(hasEnded: boolean, newest = Infinity): Expansion {
    return {
      id: this.#reference.id,
      url: this.#reference.url,
      ...(this.title === undefined ? {} : { title: this.title }),
      ...(this.announced === undefined ? {} : { announced: this.announced }),
      found: this.found,
      accepted: this.accepted,
      new: this.new,
      alreadyKnown: this.accepted - this.new,
      reopened: this.reopened,
      skipped: { ...this.#skipped },
      repeated: this.repeated,
      complete:
        hasEnded && this.#problems.length === 0 && this.found >= Math.min(this.announced ?? 0, newest),
      problems: [...this.#problems],
    };
  }
}
