import { toError } from './job-errors.ts';
import type { Logger } from './logger.ts';

/** What must be closed at the end, closed in the reverse order of its opening. */
export class Releasers {
  readonly #entries: { readonly name: string; readonly release: () => Promise<unknown> }[] = [];
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  add(name: string, release: () => Promise<unknown>): void {
    this.#entries.push({ name, release });
  }

  /** Closes everything; one that fails is logged and does not keep the others open. */
  async releaseAll(): Promise<void> {
    for (let entry = this.#entries.pop(); entry !== undefined; entry = this.#entries.pop()) {
      try {
        await entry.release();
      } catch (error) {
        this.#logger.warn({ err: toError(error) }, `Closing ${entry.name} failed`);
      }
    }
  }
}
