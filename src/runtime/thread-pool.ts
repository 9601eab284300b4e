import { interruptionOf } from './deadline.ts';
import { Thread } from './thread-pool-thread.ts';
import type { ThreadCall } from './thread-pool-worker.ts';

/** Limits of a pool. */
export interface ThreadPoolOptions {
  /** At most so many threads, each with one call at a time; further calls wait for their turn. */
  readonly threads: number;
  /** For a call, from the time when its function begins: waiting for a thread and its start do not count. */
  readonly deadlineMs: number;
  /** For each thread: its JavaScript heap with the buffers that belong to it. */
  readonly memoryBytes: number;
  /** A thread that has had nothing to do for so long ends; a minute if left out. */
  readonly idleMs?: number;
}

export interface ThreadCallOptions {
  /** An abort ends the thread at once. */
  readonly signal: AbortSignal;
  /** What is being done, for the error: `Parsing the feed NAME`. No secrets. */
  readonly what: string;
  /** Instead of the deadline of the pool. */
  readonly deadlineMs?: number;
}

/** A function of a module, called in a thread. */
export type InThread<F extends (...args: never[]) => unknown> = (
  options: ThreadCallOptions,
  ...args: Parameters<F>
) => Promise<Awaited<ReturnType<F>>>;

const IDLE_MS = 60_000;

/**
 * Runs pure functions in threads of this process, with a deadline and a memory limit that hold whatever the function does:
 * a thread that exceeds one is ended, and the next call gets a new thread. For code that parses foreign documents, so that
 * none can block the event loop.
 *
 *     // read-feed.ts exports `readFeed(text, options)` and starts nothing when it is imported.
 *     const readFeedInThread = parsingThreads.inThread<typeof readFeed>(
 *       new URL('./read-feed.ts', import.meta.url),
 *       'readFeed',
 *     );
 *     const feed = await readFeedInThread({ signal, what: `Parsing the feed ${name}` }, text, { maxItems });
 *
 * - Arguments and results are copied by structured clone: plain objects, arrays, Map, Date, URL as text, Uint8Array. No
 *   functions and no objects of classes; a Buffer arrives as a Uint8Array.
 * - Limit the size of what is passed: a copy of 10 MB takes about 10 ms of the event loop.
 * - A thread starts with the first call that needs it (about 0.1 s, and the time to load the module), is kept for the next
 *   calls, and does not keep the process from ending.
 * - Use `import type` for the module in the main thread, or it is loaded there as well.
 * - In Jest, what comes back belongs to another realm: `toEqual` works, `instanceof Date` is false.
 */
export class ThreadPool {
  readonly #options: ThreadPoolOptions;
  /** With the timer that ends each; the last one was used last. */
  readonly #idle: { readonly thread: Thread; readonly timer: NodeJS.Timeout }[] = [];
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(options: ThreadPoolOptions) {
    this.#options = options;
  }

  /**
   * @param module URL of a module whose function runs in a thread
   * @param functionName the name under which the module exports the function
   * @returns the function; its promise is rejected with
   *   PermanentError `too_complex` when it exceeds the deadline or the memory limit: the same input would do so again;
   *   InterruptedError (or the JobError that is the reason) when the signal was aborted;
   *   TransientError `timeout` when no thread could be started;
   *   else what the function throws: a JobError of its class; of another error, name, message and stack are kept.
   */
  inThread<F extends (...args: never[]) => unknown>(module: URL, functionName: string): InThread<F> {
    const call = async (options: ThreadCallOptions, ...args: Parameters<F>): Promise<unknown> =>
      await this.#call({ module: module.href, functionName, args }, options);
    return call as InThread<F>;
  }

  async #call(call: ThreadCall, options: ThreadCallOptions): Promise<unknown> {
    await this.#takeTurn(options.signal);
    const thread = this.#takeThread();
    try {
      return await thread.call(call, { deadlineMs: this.#options.deadlineMs, ...options });
    } finally {
      if (thread.isAlive) {
        this.#keep(thread);
        this.#giveTurn();
      } else {
        // Its turn is over when it has ended, so that there are never more threads than allowed.
        void thread.end().finally(() => {
          this.#giveTurn();
        });
      }
    }
  }

  async #takeTurn(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw interruptionOf(signal);
    if (this.#running < this.#options.threads) {
      this.#running += 1;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const onTurn = () => {
      resolve(undefined);
    };
    const onAbort = () => {
      this.#waiting.delete(onTurn);
      reject(interruptionOf(signal));
    };
    this.#waiting.add(onTurn);
    signal.addEventListener('abort', onAbort);
    await promise.finally(() => {
      signal.removeEventListener('abort', onAbort);
    });
  }

  /** To the call that has waited longest, if any. */
  #giveTurn(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#running -= 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }

  #takeThread(): Thread {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      clearTimeout(idle.timer);
      if (idle.thread.isAlive) return idle.thread;
    }
    return new Thread(this.#options.memoryBytes);
  }

  #keep(thread: Thread): void {
    const timer = setTimeout(() => {
      this.#idle.splice(0, this.#idle.findIndex((each) => each.thread === thread) + 1);
      void thread.end();
    }, this.#options.idleMs ?? IDLE_MS);
    timer.unref();
    this.#idle.push({ thread, timer });
  }
}

/** For foreign documents: two threads, so that one slow document does not hold up all others. */
export const parsingThreads = new ThreadPool({
  threads: 2,
  deadlineMs: 10_000,
  memoryBytes: 256 * 1024 * 1024,
});
