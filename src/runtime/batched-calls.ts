import { setImmediate } from 'node:timers/promises';

/** A call waits no longer for the batch before it: one that hangs must not hold up the others. */
const MAX_WAIT_MS = 5;
const MAX_INPUTS = 100;

interface WaitingCall<Input, Output> {
  readonly input: Input;
  readonly resolve: (output: Output | Promise<Output>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Makes calls together that come at nearly the same time: a call that comes alone is made in the same turn of the event loop;
 * those that come while one is under way wait for its end, a few milliseconds at most, and are one call then. Each batch begins
 * after all of its calls were made, so that each sees what was written before it.
 */
export class BatchedCalls<Input, Output> {
  readonly #run: (inputs: readonly Input[]) => Promise<readonly (Output | Promise<Output>)[]>;
  #waiting: WaitingCall<Input, Output>[] = [];
  /** One that waits is impatient. */
  #hurry = Promise.withResolvers<undefined>();
  /** Undefined when none is. */
  #underWay: Promise<unknown> | undefined;

  /** @param run makes one call for all; one output for each input, in their order. What it throws, each of them throws. */
  constructor(run: (inputs: readonly Input[]) => Promise<readonly (Output | Promise<Output>)[]>) {
    this.#run = run;
  }

  /**
   * @param patienceMs how long it may wait for others; one that comes later and has no patience takes it along.
   * @throws what the batch throws
   */
  call(input: Input, patienceMs = 0): Promise<Output> {
    const { promise, resolve, reject } = Promise.withResolvers<Output>();
    this.#waiting.push({ input, resolve, reject });
    if (this.#waiting.length === 1) {
      this.#hurry = Promise.withResolvers<undefined>();
      void this.#runNext(patienceMs);
    } else if (patienceMs === 0) this.#hurry.resolve(undefined);
    return promise;
  }

  async #runNext(patienceMs: number): Promise<void> {
    if (patienceMs > 0) await settledWithin(this.#hurry.promise, patienceMs);
    if (this.#underWay !== undefined) await settledWithin(this.#underWay, MAX_WAIT_MS);
    // What is asked for in the same turn of the event loop joins.
    await setImmediate();
    const calls = this.#waiting;
    this.#waiting = [];
    const batches = [];
    for (let start = 0; start < calls.length; start += MAX_INPUTS) {
      batches.push(this.#runBatch(calls.slice(start, start + MAX_INPUTS)));
    }
    const underWay = Promise.all(batches);
    this.#underWay = underWay;
    await underWay;
    if (this.#underWay === underWay) this.#underWay = undefined;
  }

  /** Never rejects. */
  async #runBatch(calls: readonly WaitingCall<Input, Output>[]): Promise<void> {
    try {
      const outputs = await this.#run(calls.map(({ input }) => input));
      if (outputs.length !== calls.length) throw new Error('A batch of calls has another number of results.');
      for (const [index, output] of outputs.entries()) calls[index]?.resolve(output);
    } catch (error) {
      for (const { reject } of calls) reject(error);
    }
  }
}

/** Waits until a promise that never rejects has settled, so long at most. */
function settledWithin(promise: Promise<unknown>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    void promise.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
