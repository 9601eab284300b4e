import { Worker } from 'node:worker_threads';
import { definedFields } from '../domain/defined-fields.ts';
import { jobErrorOf } from '../domain/job-error-of.ts';
import { PermanentError, TransientError, toError } from '../domain/job-errors.ts';
import { interruptionOf } from './deadline.ts';
import type { SentError, ThreadCall, ThreadMessage } from './thread-pool-worker.ts';

const WORKER = new URL('./thread-pool-worker.ts', import.meta.url);
/** For the start of a thread and the loading of the module: long, as both depend on this machine alone. */
const START_DEADLINE_MS = 60_000;
/** How often the heap of a thread is looked at during a call. Most calls are over before. */
const MEMORY_CHECK_MS = 25;
/**
 * V8 mostly ends a thread that reaches its own limit, but ends the whole process when it allocates too fast (Node 24.21: a
 * Map, many short strings). Its limit is only there for the case that the checks are late.
 */
const V8_LIMIT_FACTOR = 5;
const MB = 1024 * 1024;

/** One thread of a ThreadPool, with one call at a time. It keeps the process alive only during a call. */
export class Thread {
  readonly #worker: Worker;
  readonly #memoryBytes: number;
  #isAlive = true;

  /** @param memoryBytes limit of its JavaScript heap with the buffers that belong to it */
  constructor(memoryBytes: number) {
    this.#memoryBytes = memoryBytes;
    this.#worker = new Worker(WORKER, {
      // Foreign documents are parsed here: without the keys of the environment.
      env: {},
      // None of the options of this process matters there; Node 22 warns that it runs TypeScript.
      execArgv: ['--disable-warning=ExperimentalWarning'],
      resourceLimits: { maxOldGenerationSizeMb: Math.ceil((V8_LIMIT_FACTOR * memoryBytes) / MB) },
    });
    this.#worker.unref();
    // An error between two calls ends the thread as well.
    for (const event of ['error', 'exit']) {
      this.#worker.on(event, () => {
        this.#isAlive = false;
      });
    }
  }

  /** False when it has ended or is ending: it takes no further call. */
  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Ends the thread, whatever it is doing; resolves when it has ended. */
  async end(): Promise<void> {
    this.#isAlive = false;
    await this.#worker.terminate();
  }

  /** @throws what `ThreadPool.inThread` lists; the thread is alive afterwards only if the function itself threw. */
  async call(
    call: ThreadCall,
    { signal, what, deadlineMs }: { signal: AbortSignal; what: string; deadlineMs: number },
  ): Promise<unknown> {
    if (signal.aborted) throw interruptionOf(signal);
    const worker = this.#worker;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const end = (error: Error) => {
      reject(error);
      void this.end();
    };
    const endAfter = (ms: number, error: () => Error) =>
      setTimeout(() => {
        end(error());
      }, ms);
    const endOutOfMemory = () => {
      end(tooComplex(what, `${String(Math.round(this.#memoryBytes / MB))} MB of memory`));
    };
    let timer = endAfter(
      START_DEADLINE_MS,
      () => new TransientError('timeout', `${what}: no thread could be started.`),
    );
    let memoryTimer: NodeJS.Timeout | undefined;
    const onMessage = (message: ThreadMessage) => {
      clearTimeout(timer);
      switch (message.type) {
        case 'started':
          timer = endAfter(deadlineMs, () => tooComplex(what, `${String(deadlineMs / 1000)} s`));
          memoryTimer = this.#watchMemory(endOutOfMemory);
          break;
        case 'result':
          resolve(message.value);
          break;
        case 'error':
          reject(toReceivedError(message.error));
          break;
      }
    };
    const onAbort = () => {
      end(interruptionOf(signal));
    };
    const onError = (thrown: unknown) => {
      if (isOutOfMemory(thrown)) endOutOfMemory();
      else end(toError(thrown));
    };
    const onExit = () => {
      end(new TransientError('unknown', `${what}: its thread ended.`));
    };
    worker.ref();
    worker.on('message', onMessage).on('messageerror', onError).on('error', onError).on('exit', onExit);
    signal.addEventListener('abort', onAbort);
    try {
      worker.postMessage(call);
      return await promise;
    } finally {
      clearTimeout(timer);
      clearInterval(memoryTimer);
      signal.removeEventListener('abort', onAbort);
      worker.off('message', onMessage).off('messageerror', onError).off('error', onError).off('exit', onExit);
      worker.unref();
    }
  }

  /** The thread must be running its function: a question that comes while Node starts is never answered. */
  #watchMemory(onExcess: () => void): NodeJS.Timeout {
    let isAsking = false;
    return setInterval(() => {
      if (isAsking) return;
      isAsking = true;
      this.#worker.getHeapStatistics().then(
        ({ used_heap_size: heapBytes, external_memory: otherBytes }) => {
          isAsking = false;
          if (heapBytes + otherBytes > this.#memoryBytes) onExcess();
        },
        // The thread has ended, which its listeners report.
        () => undefined,
      );
    }, MEMORY_CHECK_MS);
  }
}

function tooComplex(what: string, limit: string): PermanentError {
  return new PermanentError('too_complex', `${what}: it takes more than ${limit}.`);
}

function isOutOfMemory(thrown: unknown): boolean {
  return (toError(thrown) as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
}

function toReceivedError({ name, message, stack, errorClass, ...times }: SentError): Error {
  const error =
    errorClass === undefined ? new Error(message) : jobErrorOf(errorClass, message, definedFields(times));
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}
