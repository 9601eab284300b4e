import { toError } from '../domain/job-errors.ts';
import { withDeadline } from './deadline.ts';
import type { Logger } from './logger.ts';

/** An unreachable server must not keep a process from ending. */
const CLEANUP_DEADLINE_MS = 5_000;

/** Resources to close when the process ends, in the reverse order of their opening. */
export class Cleanups {
  readonly #entries: { readonly name: string; readonly close: () => unknown }[] = [];
  readonly #logger: Logger;
  readonly #deadlineMs: number;

  /** @param deadlineMs for each resource */
  constructor(logger: Logger, deadlineMs = CLEANUP_DEADLINE_MS) {
    this.#logger = logger;
    this.#deadlineMs = deadlineMs;
  }

  add(name: string, close: () => unknown): void {
    this.#entries.push({ name, close });
  }

  /** Closes everything; a failure is logged and does not keep the others open. */
  async runAll(): Promise<void> {
    for (let entry = this.#entries.pop(); entry !== undefined; entry = this.#entries.pop()) {
      const what = `Closing ${entry.name}`;
      try {
        await withDeadline(async () => await entry.close(), { deadlineMs: this.#deadlineMs, what });
      } catch (error) {
        this.#logger.warn({ err: toError(error) }, `${what} failed`);
      }
    }
  }
}
