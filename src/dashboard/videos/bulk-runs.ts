import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../runtime/logger.ts';

/** More would only compete for the same servers. */
const MAX_RUNNING = 2;
/** A person waits so long for the page that follows; what takes longer is shown while it runs. */
const WAIT_MS = 1_500;

/** The operations on many videos that this process does in the background; their progress is in the audit. */
export class BulkRuns {
  readonly #running = new Map<string, Promise<unknown>>();
  readonly #stopping = new AbortController();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /**
   * Starts an operation, and waits a moment for it.
   * @returns its `_id` in the audit, and whether it is over; undefined when too many are running
   */
  async start(
    work: (operationId: string, signal: AbortSignal) => Promise<unknown>,
  ): Promise<{ readonly operationId: string; readonly isOver: boolean } | undefined> {
    if (this.#running.size >= MAX_RUNNING || this.#stopping.signal.aborted) return undefined;
    const operationId = randomUUID();
    const run = work(operationId, this.#stopping.signal)
      .catch((error: unknown) => {
        this.#logger.error({ err: error, operationId }, 'An operation on many videos failed');
      })
      .finally(() => this.#running.delete(operationId));
    this.#running.set(operationId, run);
    const waiting = new AbortController();
    await Promise.race([run, delay(WAIT_MS, undefined, { signal: waiting.signal }).catch(() => undefined)]);
    waiting.abort();
    return { operationId, isOver: !this.#running.has(operationId) };
  }

  /** Whether this process is doing it now. */
  has(operationId: string): boolean {
    return this.#running.has(operationId);
  }

  /** Interrupts what is running, and waits until it has said so in the audit. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#running.values());
  }
}
