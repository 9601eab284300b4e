import { describe, expect, test } from '@jest/globals';
import { OperatorError } from '../domain/job-errors.ts';
import { withRetries } from './retries.ts';
import { UnavailableError } from './storage-errors.ts';

const signal = new AbortController().signal;
const failing = (times: number, error: Error) => {
  let made = 0;
  return {
    attempt: () => {
      made += 1;
      return made <= times ? Promise.reject(error) : Promise.resolve(made);
    },
    made: () => made,
  };
};

describe('retries', () => {
  const down = new UnavailableError('server_error', 'down');

  test('an unavailable store is asked again', async () => {
    const { attempt } = failing(3, down);
    await expect(withRetries(attempt, { signal, baseDelayMs: 1 })).resolves.toBe(4);
  });

  test('but not for ever', async () => {
    const { attempt, made } = failing(9, down);
    await expect(withRetries(attempt, { signal, tries: 3, baseDelayMs: 1 })).rejects.toBe(down);
    expect(made()).toBe(3);
  });

  test.each([
    new OperatorError('credentials', 'no'),
    new UnavailableError('server_error', 'busy', { retryAfterMs: 3_600_000 }),
  ])('%s is left to the queue', async (error) => {
    const { attempt, made } = failing(1, error);
    await expect(withRetries(attempt, { signal, baseDelayMs: 1 })).rejects.toBe(error);
    expect(made()).toBe(1);
  });

  test('an abort ends the pause', async () => {
    const controller = new AbortController();
    const { attempt } = failing(1, new UnavailableError('network', 'down', { retryAfterMs: 15_000 }));
    const promise = withRetries(attempt, { signal: controller.signal });
    controller.abort();
    await expect(promise).rejects.toMatchObject({ outcome: 'interrupted' });
  });
});
