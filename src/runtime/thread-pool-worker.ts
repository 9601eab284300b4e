import { parentPort } from 'node:worker_threads';
import { JobError, LaterError, ThrottledError, toError } from '../domain/job-errors.ts';
import type { ErrorClass } from '../domain/error-classes.ts';

/** A call of an exported function, as it is sent to a thread. */
export interface ThreadCall {
  /** The URL of the module. */
  readonly module: string;
  readonly functionName: string;
  readonly args: readonly unknown[];
}

/** An error without its class, as it is sent back: structured clone would leave out the class and the fields. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Of a JobError. */
  readonly errorClass: ErrorClass | undefined;
  readonly restAtLeastMs: number | undefined;
  readonly availableAt: Date | undefined;
}

/** `started` when the module is loaded and the function begins; then the result or the error. */
export type ThreadMessage =
  | { readonly type: 'started' }
  | { readonly type: 'result'; readonly value: unknown }
  | { readonly type: 'error'; readonly error: SentError };

/** The code of a thread of a ThreadPool: it makes the calls that are sent to it, one after the other. */
async function answer({ module, functionName, args }: ThreadCall): Promise<void> {
  try {
    const exported: unknown = ((await import(module)) as Readonly<Record<string, unknown>>)[functionName];
    if (typeof exported !== 'function') throw new Error(`${module} has no function ${functionName}.`);
    send({ type: 'started' });
    // A result that cannot be cloned throws here and is reported like any error.
    send({ type: 'result', value: await (exported as (...args: readonly unknown[]) => unknown)(...args) });
  } catch (thrown) {
    send({ type: 'error', error: toSentError(toError(thrown)) });
  }
}

function toSentError(error: Error): SentError {
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    errorClass: error instanceof JobError ? error.errorClass : undefined,
    restAtLeastMs: error instanceof ThrottledError ? error.restAtLeastMs : undefined,
    availableAt: error instanceof LaterError ? error.availableAt : undefined,
  };
}

function send(message: ThreadMessage): void {
  parentPort?.postMessage(message);
}

parentPort?.on('message', (call: ThreadCall) => {
  void answer(call);
});
