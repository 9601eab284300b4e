import { definedFields } from '../domain/defined-fields.ts';
import type { SkipReason } from '../domain/video-status.ts';
import type { PlaylistReference } from '../media/playlist-listing.ts';

/** A playlist in a list of playlists. */
export interface NestedPlaylist extends PlaylistReference {
  /** Whether no listing had found it before. */
  readonly isNew: boolean;
}

/** What an expansion has found so far, or in total. */
export interface Expansion {
  readonly id: string;
  readonly url: string;
  readonly title?: string;
  /** The number of entries according to the site; undefined when it does not say. */
  readonly announced?: number;
  /** Listed entries, repeated ones included: videos, or the playlists of a list of playlists. */
  readonly found: number;
  /** Different videos that pass the filters. */
  readonly accepted: number;
  /** Accepted videos that no listing had found before. */
  readonly new: number;
  /** Accepted videos that were known. */
  readonly alreadyKnown: number;
  /** Known videos that `--force` reopened. */
  readonly reopened: number;
  /** Accepted videos that a person skipped or deleted before; they stay so, also with `--force`. */
  readonly leftOut: number;
  /** The playlists that a list of playlists contains, without those that a person has disabled. */
  readonly playlists: readonly NestedPlaylist[];
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
  /** Entries that repeat an earlier one. */
  readonly repeated: number;
  /** Read to the end, or to the last requested entry, without a problem, and no fewer entries than announced. */
  readonly complete: boolean;
  /** Why it is not complete, apart from the counts; at most 20. */
  readonly problems: readonly string[];
}

const MAX_PROBLEMS = 20;

/** Counts while a playlist is expanded. */
export class ExpansionTally {
  readonly #reference: PlaylistReference;
  readonly #skipped: Partial<Record<SkipReason, number>> = {};
  readonly #problems: string[] = [];
  readonly #entries = new Set<string>();
  readonly #playlists: NestedPlaylist[] = [];
  title: string | undefined;
  announced: number | undefined;
  found = 0;
  accepted = 0;
  new = 0;
  reopened = 0;
  leftOut = 0;

  constructor(reference: PlaylistReference) {
    this.#reference = reference;
  }

  /**
   * @param id of a video or playlist
   * @returns whether the entry repeats an earlier one.
   */
  addFound(id: string): boolean {
    this.found += 1;
    const isRepeated = this.#entries.has(id);
    this.#entries.add(id);
    return isRepeated;
  }

  addPlaylists(playlists: readonly NestedPlaylist[]): void {
    this.#playlists.push(...playlists);
  }

  addSkipped(reason: SkipReason): void {
    this.#skipped[reason] = (this.#skipped[reason] ?? 0) + 1;
  }

  addProblem(reason: string): void {
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push(reason);
  }

  /** @param newest how many entries were requested. */
  result(hasEnded: boolean, newest = Infinity): Expansion {
    const { title, announced, found, accepted, leftOut, reopened } = this;
    return {
      id: this.#reference.id,
      url: this.#reference.url,
      ...definedFields({ title, announced }),
      found,
      accepted,
      new: this.new,
      alreadyKnown: accepted - this.new,
      reopened,
      leftOut,
      playlists: [...this.#playlists],
      skipped: { ...this.#skipped },
      repeated: found - this.#entries.size,
      complete: hasEnded && this.#problems.length === 0 && found >= Math.min(announced ?? 0, newest),
      problems: [...this.#problems],
    };
  }
}
