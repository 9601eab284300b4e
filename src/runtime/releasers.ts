import { setTimeout as delay } from 'node:timers/promises';
import { toError } from '../domain/job-errors.ts';
import type { Logger } from './logger.ts';

/** A server that is away must not keep a process from ending. */
const LONGEST_RELEASE_MS = 5_000;

/** What must be closed at the end, closed in the reverse order of its opening. */
export class Releasers {
  readonly #entries: { readonly name: string; readonly release: () => Promise<unknown> }[] = [];
  readonly #logger: Logger;
  readonly #longestReleaseMs: number;

  constructor(logger: Logger, longestReleaseMs = LONGEST_RELEASE_MS) {
    this.#logger = logger;
    this.#longestReleaseMs = longestReleaseMs;
  }

  add(name: string, release: () => Promise<unknown>): void {
    this.#entries.push({ name, release });
  }

  /** Closes everything; one that fails is logged and does not keep the others open. */
  async releaseAll(): Promise<void> {
    for (let entry = this.#entries.pop(); entry !== undefined; entry = this.#entries.pop()) {
      try {
        await within(this.#longestReleaseMs, entry.release());
      } catch (error) {
        this.#logger.warn({ err: toError(error) }, `Closing ${entry.name} failed`);
      }
    }
  }
}

async function within(longestMs: number, release: Promise<unknown>): Promise<void> {
  const ended = new AbortController();
  const tooLong = delay(longestMs, undefined, { signal: ended.signal }).then(() => {
    throw new Error(`It took more than ${String(longestMs / 1000)} s.`);
  });
  try {
    await Promise.race([release, tooLong]);
  } finally {
    ended.abort();
    // Whichever comes second has no listener any more.
    tooLong.catch(() => undefined);
    release.catch(() => undefined);
  }
}
