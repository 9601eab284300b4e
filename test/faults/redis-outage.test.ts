import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { JobQueues } from '../../src/queues/job-queues.ts';
import type { VideoKey } from '../../src/domain/video-key.ts';
import { createStageProcessor } from '../../src/workers/processors/stage.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { startOwnServer, type OwnServer } from '../support/own-server.ts';
import { startUrlProxy, type UrlProxy } from '../support/tcp-proxy.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { SAMPLE_AUDIO } from '../support/sample-audio.ts';

const keyOf = (number: number): VideoKey => ({
  provider: 'youtube',
  videoId: `redis${String(number).padStart(6, '0')}`,
});
const addressOf = ({ videoId }: VideoKey) => `https://www.youtube.com/watch?v=${videoId}`;

let environment: TestEnvironment;
let workers: TestWorkers[];

/** A download stage with other work; the rest is real. */
function downloads(queues: JobQueues, work: (key: VideoKey) => Promise<void>) {
  const { database, config } = environment;
  return createStageProcessor(
    {
      stage: 'download',
      next: 'upload',
      work: async (key, video) => {
        await work(key);
        return {
          record: () => database.videos.markDownloaded(key, video.round, SAMPLE_AUDIO, {}),
          result: {},
        };
      },
    },
    { database, queues, retry: config.retry },
  );
}

function workersOf(parts: Partial<TestEnvironment> = {}): TestWorkers {
  const created = new TestWorkers({ ...environment, ...parts });
  workers.push(created);
  return created;
}

beforeEach(() => {
  workers = [];
});

async function closeAll(): Promise<void> {
  await Promise.all(workers.map((group) => group.stop()));
  await environment.close();
}

describe('a Redis that is killed and restarted with its append-only file', () => {
  let redis: OwnServer;
  beforeAll(async () => {
    redis = await startOwnServer('redis');
  });
  afterAll(() => redis.close());
  afterEach(closeAll);

  test('loses no acknowledged job, and the workers resume by themselves', async () => {
    environment = await openTestEnvironment({ REDIS_URL: redis.url, ATTEMPT_DELAY_SECONDS: '0.2' });
    const keys = Array.from({ length: 300 }, (_value, index) => keyOf(index));
    await environment.database.videos.discover(keys.map((key) => ({ key, url: addressOf(key) })));
    const started: string[] = [];
    workersOf().start(
      'download',
      downloads(environment.queues, ({ videoId }) => {
        started.push(videoId);
        return Promise.resolve();
      }),
      4,
    );

    const adding = (async () => {
      for (const key of keys) {
        // A refused job is not acknowledged: it is added again.
        await eventually('the job to be taken', async () => {
          try {
            await environment.queues.add('download', { ...key, round: 0 });
            return true;
          } catch {
            return false;
          }
        });
      }
    })();
    for (const reached of [40, 120, 200]) {
      await eventually(
        `${String(reached)} started jobs`,
        () => started.length,
        (count) => count >= reached,
      );
      await redis.kill();
      await redis.restart();
    }
    await adding;

    await eventually(
      'all videos to be downloaded',
      () => environment.database.overview.countByStatus(),
      ({ downloaded }) => downloaded === keys.length,
      30_000,
    );
    // Each has one next job, although Redis was killed three times.
    const uploads = await eventually(
      'the upload jobs',
      () => environment.queues.queue('upload').getWaiting(0, -1),
      (jobs) => jobs.length === keys.length,
    );
    expect(new Set(uploads.map(({ id }) => id)).size).toBe(keys.length);
    expect((await environment.queues.jobs.counts('download')).failed).toBe(0);
    // Only jobs that were active at a kill start twice: at most four, three times.
    expect(started.length - new Set(started).size).toBeLessThanOrEqual(12);
  });
});

describe('a worker that is cut off from Redis for longer than its lock', () => {
  let proxy: UrlProxy;
  let cutOff: JobQueues;
  beforeEach(async () => {
    environment = await openTestEnvironment();
    proxy = await startUrlProxy(environment.config.redis.url);
  });
  afterEach(async () => {
    proxy.setFault({ kind: 'none' });
    await closeAll();
    await cutOff.close();
    await proxy.close();
  });

  test('another one does its job; its late result changes nothing, and it continues to work', async () => {
    const config = { ...environment.config, redis: { ...environment.config.redis, url: proxy.url } };
    cutOff = new JobQueues(config.redis);
    const [key, later] = [keyOf(1), keyOf(2)];
    await environment.database.videos.discover(
      [key, later].map((one) => ({ key: one, url: addressOf(one) })),
    );

    const started: string[] = [];
    const release = Promise.withResolvers<undefined>();
    workersOf({ config, queues: cutOff }).start(
      'download',
      downloads(cutOff, async ({ videoId }) => {
        started.push(`cut off: ${videoId}`);
        if (videoId === key.videoId) await release.promise;
      }),
      1,
    );
    await environment.queues.add('download', { ...key, round: 0 });
    await eventually('the first worker to begin', () => started.length === 1);
    proxy.setFault({ kind: 'silent' });

    const other = workersOf();
    other.start(
      'download',
      downloads(environment.queues, ({ videoId }) => {
        started.push(`other: ${videoId}`);
        return Promise.resolve();
      }),
      1,
    );
    const done = await eventually(
      'the other worker to finish the job',
      () => environment.database.videos.find(key),
      (video) => video?.status === 'downloaded',
      30_000,
    );
    await eventually(
      'its end',
      async () => (await environment.queues.jobs.counts('download')).completed === 1,
    );
    await other.stop();

    release.resolve(undefined);
    proxy.setFault({ kind: 'none' });
    await environment.queues.add('download', { ...later, round: 0 });
    await eventually(
      'the first worker to work again',
      () => environment.database.videos.find(later),
      (video) => video?.status === 'downloaded',
      30_000,
    );
    expect(started).toEqual([
      `cut off: ${key.videoId}`,
      `other: ${key.videoId}`,
      `cut off: ${later.videoId}`,
    ]);
    expect(await environment.database.videos.find(key)).toEqual(done);
    await eventually('the end of both jobs', async () => {
      const { completed, failed } = await environment.queues.jobs.counts('download');
      return completed + failed === 2;
    });
    expect(await environment.queues.jobs.counts('download')).toMatchObject({
      completed: 2,
      failed: 0,
      active: 0,
    });
    expect((await environment.queues.queue('upload').getWaiting()).map(({ id }) => id)).toHaveLength(2);
  });
});
