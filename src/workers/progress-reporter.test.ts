import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createProgressReporter } from './progress-reporter.ts';

/** From here on progress is sent. */
const FIRST_MS = 500;

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('progress goes on once a second, a new stage at once', async () => {
  const sent: unknown[] = [];
  const { report } = createProgressReporter((progress) => {
    sent.push(progress);
    return Promise.resolve();
  });
  const startedAt = Date.now();
  for (const [at, stage, percent] of [
    [0, 'fetch', 1],
    [FIRST_MS - 1, 'fetch', 2],
    [FIRST_MS + 500, 'fetch', 3],
    [FIRST_MS + 1_000, 'fetch', 4],
    [FIRST_MS + 1_001, 'convert', 0],
    [FIRST_MS + 1_500, 'convert', 50],
  ] as const) {
    await jest.advanceTimersByTimeAsync(startedAt + at - Date.now());
    report({ stage, percent });
    await jest.advanceTimersByTimeAsync(0);
  }
  expect(sent).toEqual([
    { stage: 'fetch', percent: 2 },
    { stage: 'fetch', percent: 4 },
    { stage: 'convert', percent: 0 },
  ]);
});

test('a job that ends at once sends nothing', async () => {
  let sends = 0;
  const { report, stop } = createProgressReporter(() => {
    sends += 1;
    return Promise.resolve();
  });
  report({ stage: 'fetch' });
  report({ stage: 'convert' });
  stop();
  await jest.advanceTimersByTimeAsync(5_000);
  expect(sends).toBe(0);
});

test('what a job reports once is shown while it goes on', async () => {
  const sent: unknown[] = [];
  const { report } = createProgressReporter((progress) => {
    sent.push(progress);
    return Promise.resolve();
  });
  report({ stage: 'extract' });
  await jest.advanceTimersByTimeAsync(FIRST_MS);
  expect(sent).toEqual([{ stage: 'extract' }]);
});

test('a send that fails or never ends does not stop the work', async () => {
  let sends = 0;
  const failing = createProgressReporter(() => {
    sends += 1;
    return Promise.reject(new Error('Redis is away'));
  });
  failing.report({ stage: 'fetch' });
  await jest.advanceTimersByTimeAsync(FIRST_MS);
  failing.report({ stage: 'convert' });
  await jest.advanceTimersByTimeAsync(0);
  expect(sends).toBe(2);

  const hanging = createProgressReporter(() => {
    sends += 1;
    return new Promise(() => undefined);
  });
  hanging.report({ stage: 'fetch' });
  await jest.advanceTimersByTimeAsync(FIRST_MS);
  hanging.report({ stage: 'convert' });
  expect(sends).toBe(3);
});
