import { expect, test } from '@jest/globals';
import { createSilentLogger } from '../../runtime/logger.ts';
import { BulkRuns } from './bulk-runs.ts';

const create = () => new BulkRuns(createSilentLogger());
/** Goes on until it is stopped. */
const endless = (_id: string, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });

test('what ends soon is over when the next page is shown, also when it fails', async () => {
  const runs = create();
  expect(await runs.start(() => Promise.resolve())).toMatchObject({ isOver: true });
  expect(await runs.start(() => Promise.reject(new Error('MongoDB is away.')))).toMatchObject({
    isOver: true,
  });
});

test('what takes longer goes on; two at once, and all are told to stop and waited for', async () => {
  const runs = create();
  const started = await Promise.all([runs.start(endless), runs.start(endless)]);
  expect(started).toMatchObject([{ isOver: false }, { isOver: false }]);
  expect(await runs.start(() => Promise.resolve())).toBeUndefined();
  const [first] = started;
  expect(runs.has(first?.operationId ?? '')).toBe(true);
  await runs.stop();
  expect(runs.has(first?.operationId ?? '')).toBe(false);
  expect(await runs.start(() => Promise.resolve())).toBeUndefined();
});
