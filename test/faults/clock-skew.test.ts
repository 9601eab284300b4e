import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { runMirror } from '../../src/mirror/run-mirror.ts';
import { openMinioStore } from '../../src/storage/open-stores.ts';
import { LIMITS, openTestStores, untilDone, type TestStores } from '../contract/test-stores.ts';

const DAY_MS = 24 * 3_600_000;
let stores: TestStores;
beforeAll(async () => {
  stores = await openTestStores();
});
afterEach(() => {
  jest.useRealTimers();
});
afterAll(() => stores.close());

/** Sets the clock of this process, and of nothing else; timers go on as before. */
function setClock(offsetMs: number): void {
  jest.useFakeTimers({
    now: Date.now() + offsetMs,
    doNotFake: [
      ...(['hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'] as const),
      ...(['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] as const),
    ],
  });
}

test.each([
  ['a day fast', DAY_MS],
  ['a day slow', -DAY_MS],
])('a clock that is %s is named as the reason why MinIO refuses', async (_what, offsetMs) => {
  setClock(offsetMs);
  const minio = openMinioStore(stores.minioConfig, LIMITS);
  const failure = {
    outcome: 'operator',
    errorClass: 'local_configuration',
    message: expect.stringMatching(/clock/),
  };
  const refused = minio.list('', untilDone)[Symbol.asyncIterator]().next();
  await expect(refused).rejects.toMatchObject(failure);
  minio.close();
});

test('the times of objects and blobs decide nothing', async () => {
  const content = randomBytes(20_000);
  await stores.putMinio('same.mp3', content);
  const run = () =>
    runMirror({ source: stores.minio, target: stores.azure, prefix: '', concurrency: 2, signal: untilDone });
  expect(await run()).toMatchObject({ copied: 1 });
  // Written again with the same bytes: newer than its blob, and equal.
  await stores.putMinio('same.mp3', content);
  expect(await run()).toMatchObject({ copied: 0, failed: 0 });
  // Written before its blob was last touched, and different.
  await stores.putMinio('other.mp3', content);
  await stores.putAzure('other.mp3', randomBytes(20_000));
  expect(await run()).toMatchObject({ copied: 1, failed: 0 });
});
