import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { runMirror } from '../../src/mirror/run-mirror.ts';
import { openMinioStore } from '../../src/storage/open-stores.ts';
import { retryJobId } from '../../src/queues/job-ids.ts';
import { TransientError, type AnyJobError } from '../../src/domain/job-errors.ts';
import { finishFailedStage } from '../../src/workers/processors/stage-failure.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { openTestEnvironment } from '../support/test-environment.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
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

/** Sets the clock of this process only; timers are not changed. */
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
])('the error names the clock that is %s as the reason why MinIO refuses', async (_what, offsetMs) => {
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

test('the times of objects and blobs do not decide what is copied', async () => {
  const content = randomBytes(20_000);
  await stores.putMinio('same.mp3', content);
  const run = () =>
    runMirror({ source: stores.minio, target: stores.azure, prefix: '', concurrency: 2, signal: untilDone });
  expect(await run()).toMatchObject({ copied: 1 });
  // Written again with the same bytes: newer than its blob and equal.
  await stores.putMinio('same.mp3', content);
  expect(await run()).toMatchObject({ copied: 0, failed: 0 });
  // Written before the last change of its blob, and different.
  await stores.putMinio('other.mp3', content);
  await stores.putAzure('other.mp3', randomBytes(20_000));
  expect(await run()).toMatchObject({ copied: 1, failed: 0 });
});

describe('the clock of a worker', () => {
  const key = { provider: 'youtube', videoId: 'clockskew01' } as const;

  test.each([
    ['fast', 4 * 60_000],
    ['slow', -4 * 60_000],
  ])('that is minutes %s does not change when a retry is due', async (_what, offsetMs) => {
    const environment = await openTestEnvironment({
      RETRY_MIN_DELAY_SECONDS: '60',
      RETRY_MAX_DELAY_SECONDS: '61',
    });
    const { database, queues, config } = environment;
    try {
      await database.videos.discover([{ key, url: 'https://www.youtube.com/watch?v=clockskew01' }]);
      const video = await database.videos.find(key);
      if (video === undefined) throw new Error('There is no video.');
      const trueMs = Date.now();
      setClock(offsetMs);
      await queues.clock.check({ anew: true });
      const context = {
        signal: untilDone,
        attempt: 3,
        isLastAttempt: true,
        worker: 'test',
        logger: createSilentLogger(),
        reportProgress: () => undefined,
        attribute: (error: AnyJobError) => Promise.resolve(error),
      };
      const failure = { stage: 'download', key, video } as const;
      const finished = finishFailedStage(
        failure,
        new TransientError('network', 'x'),
        () => Promise.resolve(),
        { ...context, attribute: (error) => Promise.resolve(error) },
        { database, queues, retry: config.retry },
      );
      await expect(finished).rejects.toThrow('x');
      jest.useRealTimers();
      const around = (at: number) => {
        expect(at).toBeGreaterThan(trueMs + 59_000);
        expect(at).toBeLessThan(trueMs + 75_000);
      };
      around((await database.videos.find(key))?.next_retry_at?.getTime() ?? 0);
      // BullMQ keeps the time in the upper bits of the score (addDelayedJob in its scripts).
      const score = await queues.redis.zscore(
        queues.queue('retry').toKey('delayed'),
        retryJobId('download', key, 0),
      );
      around(Number(score) / 4_096);
    } finally {
      jest.useRealTimers();
      await environment.close();
    }
  });

  test.each([
    ['ahead of', DAY_MS],
    ['behind', -DAY_MS],
  ])(
    'that is a day %s that of Redis pauses it, with no attempt counted, until the clock is right',
    async (words, offsetMs) => {
      const environment = await openTestEnvironment();
      const { queues } = environment;
      const workers = new TestWorkers(environment);
      try {
        await queues.add('playlist', { playlistId: 'a-list' });
        setClock(offsetMs);
        await expect(queues.clock.check({ anew: true })).rejects.toMatchObject({
          errorClass: 'local_configuration',
          message: expect.stringContaining(`1440 min ${words} that of Redis`),
        });
        const worker = workers.start('playlist', { process: () => Promise.resolve({ ok: true }) });
        await eventually('the pause', () => worker.pause?.errorClass === 'local_configuration');
        expect((await queues.jobs.counts('playlist')).completed).toBe(0);
        jest.useRealTimers();
        const [job] = await eventually(
          'the job',
          () => queues.queue('playlist').getCompleted(),
          (jobs) => jobs.length === 1,
        );
        expect(job).toMatchObject({ attemptsMade: 1 });
        await eventually('no pause', () => worker.pause === undefined);
      } finally {
        jest.useRealTimers();
        await workers.stop();
        await environment.close();
      }
    },
  );
});
