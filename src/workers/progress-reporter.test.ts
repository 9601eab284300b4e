import { expect, test } from '@jest/globals';
import { createProgressReporter } from './progress-reporter.ts';

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test('progress goes on once a second, a new stage at once', async () => {
  let clock = 0;
  const sent: unknown[] = [];
  const report = createProgressReporter(
    (progress) => {
      sent.push(progress);
      return Promise.resolve();
    },
    () => clock,
  );
  for (const [at, stage, percent] of [
    [0, 'fetch', 1],
    [500, 'fetch', 2],
    [999, 'fetch', 3],
    [1_000, 'fetch', 4],
    [1_001, 'convert', 0],
    [1_500, 'convert', 50],
  ] as const) {
    clock = at;
    report({ stage, percent });
    await settle();
  }
  expect(sent).toEqual([
    { stage: 'fetch', percent: 1 },
    { stage: 'fetch', percent: 4 },
    { stage: 'convert', percent: 0 },
  ]);
});

test('a send that fails or never ends does not stop the work', async () => {
  let sends = 0;
  const failing = createProgressReporter(() => {
    sends += 1;
    return Promise.reject(new Error('Redis is away'));
  });
  failing({ stage: 'fetch' });
  await settle();
  failing({ stage: 'convert' });
  await settle();
  expect(sends).toBe(2);

  const hanging = createProgressReporter(() => {
    sends += 1;
    return new Promise(() => undefined);
  });
  hanging({ stage: 'fetch' });
  hanging({ stage: 'convert' });
  expect(sends).toBe(3);
});
