import { toError } from '../domain/job-errors.ts';
import { withDeadline } from './deadline.ts';

/** An unreachable server must not keep a process from ending. */
const CLEANUP_DEADLINE_MS = 5_000;

/** Resources to close when the process ends, in the reverse order of their opening. */
export class Cleanups {
  readonly #entries: { readonly name: string; readonly close: () => unknown }[] = [];
  readonly #onFailure: (what: string, error: Error) => void;
  readonly #deadlineMs: number;

  /**
   * @param onFailure called with what could not be done, such as `Closing Redis`, and why
   * @param deadlineMs for each resource
   */
  constructor(onFailure: (what: string, error: Error) => void, deadlineMs = CLEANUP_DEADLINE_MS) {
    this.#onFailure = onFailure;
    this.#deadlineMs = deadlineMs;
  }

  add(name: string, close: () => unknown): void {
    this.#entries.push({ name, close });
  }

  /** Closes everything; a failure is told and does not keep the others open. */
  async runAll(): Promise<void> {
    for (let entry = this.#entries.pop(); entry !== undefined; entry = this.#entries.pop()) {
      const what = `Closing ${entry.name}`;
      try {
        await withDeadline(async () => await entry.close(), { deadlineMs: this.#deadlineMs, what });
      } catch (error) {
        this.#onFailure(what, toError(error));
      }
    }
  }
}
