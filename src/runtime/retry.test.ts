import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { InterruptedError, TransientError } from '../domain/job-errors.ts';
import { retry, type RetryPolicy } from './retry.ts';

const policy = (changes: Partial<RetryPolicy> = {}): RetryPolicy => ({
  signal: new AbortController().signal,
  isTemporary: (error) => error instanceof TransientError,
  firstDelayMs: 4,
  maxDelayMs: 10,
  ...changes,
});

/** Work that fails `failures` times, then returns the number of tries. */
function failing(failures: number, error: Error = new TransientError('network', 'down')) {
  let tries = 0;
  const work = () => {
    tries += 1;
    return tries > failures ? Promise.resolve(tries) : Promise.reject(error);
  };
  return { work, tries: () => tries };
}

/** The delays before the retries of work that fails so often. */
async function delaysOf(failures: number, changes: Partial<RetryPolicy>): Promise<number[]> {
  const delays: number[] = [];
  const onRetry = (_error: unknown, delayMs: number) => void delays.push(delayMs);
  await retry(failing(failures).work, policy({ onRetry, ...changes }));
  return delays;
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe('retry', () => {
  test('repeats temporary failures; the delay doubles up to its maximum', async () => {
    expect(await delaysOf(4, {})).toEqual([4, 8, 10, 10]);
  });

  test('throws the last error after the maximum number of tries', async () => {
    const error = new TransientError('network', 'down');
    const { work, tries } = failing(9, error);
    await expect(retry(work, policy({ maxTries: 3 }))).rejects.toBe(error);
    expect(tries()).toBe(3);
  });

  test('throws any other error at once', async () => {
    const { work, tries } = failing(9, new Error('a mistake'));
    await expect(retry(work, policy())).rejects.toThrow('a mistake');
    expect(tries()).toBe(1);
  });

  test('begins no try after the elapsed time, and does not wait for it either', async () => {
    const { work, tries } = failing(9);
    const limits = { firstDelayMs: 60_000, maxDelayMs: 60_000, maxElapsedMs: 59_000 };
    await expect(retry(work, policy(limits))).rejects.toThrow('down');
    expect(tries()).toBe(1);
  });

  test.each([
    [0, [0, 0, 0]],
    [0.5, [2, 4, 5]],
    [0.999, [3.996, 7.992, 9.99]],
  ])('with jitter, a random number of %d gives the delays %j', async (random, expected) => {
    jest.spyOn(Math, 'random').mockReturnValue(random);
    const delays = await delaysOf(3, { jitter: true });
    for (const [index, delayMs] of delays.entries()) expect(delayMs).toBeCloseTo(expected[index] ?? NaN);
    expect(delays).toHaveLength(expected.length);
  });

  test('waits at least as long as the error asks for, also beyond the maximum', async () => {
    expect(await delaysOf(2, { minDelayMs: () => 25 })).toEqual([25, 25]);
    expect(await delaysOf(2, { minDelayMs: () => 5 })).toEqual([5, 8]);
  });

  test('an abort during the delay gives InterruptedError', async () => {
    const controller = new AbortController();
    const { work, tries } = failing(9);
    const limits = { signal: controller.signal, firstDelayMs: 60_000, maxDelayMs: 60_000 };
    const abortSoon = () => {
      setImmediate(() => {
        controller.abort();
      });
    };
    const retried = retry(work, policy({ ...limits, onRetry: abortSoon }));
    await expect(retried).rejects.toBeInstanceOf(InterruptedError);
    expect(tries()).toBe(1);
  });

  test('an abort during a try gives InterruptedError', async () => {
    const controller = new AbortController();
    const retried = retry(
      () => {
        controller.abort();
        return Promise.reject(new Error('cut off by the abort'));
      },
      policy({ signal: controller.signal }),
    );
    await expect(retried).rejects.toBeInstanceOf(InterruptedError);
  });

  test('the first try is made also after an abort: a step that must follow another is not left out', async () => {
    const { work, tries } = failing(0);
    await retry(work, policy({ signal: AbortSignal.abort() }));
    expect(tries()).toBe(1);
  });
});
