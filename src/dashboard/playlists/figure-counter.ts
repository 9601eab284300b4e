import type { Database } from '../../database/database.ts';
import { recountPlaylists } from '../../operations/recount-playlists.ts';
import type { Logger } from '../../runtime/logger.ts';

/** Playlists that wait to be counted; pages ask for at most 100 at a time. */
const MAX_WAITING = 1_000;

/** Counts what playlists contain, in the background, one after another, when a page that shows them asks for it. */
export class FigureCounter {
  readonly #database: Database;
  readonly #logger: Logger;
  /** The ages that figures may have, by the id of the playlist. */
  readonly #waiting = new Map<string, number>();
  #counting: Promise<void> | undefined;

  constructor(database: Database, logger: Logger) {
    this.#database = database;
    this.#logger = logger;
  }

  /**
   * Has the figures of these playlists counted if they are older than `minAgeMs` (of large ones: longer).
   * @returns when that is done, or after `patienceMs`. Never rejects.
   */
  async count(
    ids: readonly string[],
    { minAgeMs, patienceMs }: { readonly minAgeMs: number; readonly patienceMs: number },
  ): Promise<void> {
    for (const id of ids) if (this.#waiting.size < MAX_WAITING) this.#waiting.set(id, minAgeMs);
    this.#counting ??= this.#run().finally(() => {
      this.#counting = undefined;
    });
    const patience = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => {
      patience.resolve(undefined);
    }, patienceMs);
    await Promise.race([this.#counting, patience.promise]);
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    const signal = new AbortController().signal;
    for (const [id, minAgeMs] of this.#waiting) {
      this.#waiting.delete(id);
      try {
        await recountPlaylists([id], minAgeMs, this.#database, signal);
      } catch (error) {
        // The next page asks again.
        this.#waiting.clear();
        this.#logger.warn({ err: error }, 'The videos of a playlist could not be counted');
      }
    }
  }
}
