import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { JobQueues } from '../../src/queues/job-queues.ts';
import type { VideoKey } from '../../src/domain/video-key.ts';
import { createStageProcessor } from '../../src/workers/processors/stage.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { startOwnServer, type OwnServer } from '../support/own-server.ts';
import { startUrlProxy, type UrlProxy } from '../support/tcp-proxy.ts';
import { openTestSetting, type TestEnvironment } from '../support/test-environment.ts';
import { SAMPLE_AUDIO } from '../support/sample-audio.ts';

const keyOf = (number: number): VideoKey => ({
  provider: 'youtube',
  videoId: `redis${String(number).padStart(6, '0')}`,
});
const addressOf = ({ videoId }: VideoKey) => `https://www.youtube.com/watch?v=${videoId}`;

let setting: TestEnvironment;
let workers: TestWorkers[];

/** A download stage of which only the work is a stand-in. */
function downloads(queues: JobQueues, work: (key: VideoKey) => Promise<void>) {
  const { database, config } = setting;
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
  const created = new TestWorkers({ ...setting, ...parts });
  workers.push(created);
  return created;
}

beforeEach(() => {
  workers = [];
});

async function closeAll(): Promise<void> {
  await Promise.all(workers.map((group) => group.stop()));
  await setting.close();
}

describe('a Redis that is killed and comes back with its append-only file', () => {
  let redis: OwnServer;
  beforeAll(async () => {
    redis = await startOwnServer('redis');
  });
  afterAll(() => redis.close());
  afterEach(closeAll);

  test('loses no job that it had taken, and the workers go on by themselves', async () => {
    setting = await openTestSetting({ REDIS_URL: redis.url, ATTEMPT_DELAY_SECONDS: '0.2' });
    const keys = Array.from({ length: 300 }, (_value, index) => keyOf(index));
    await setting.database.videos.discover(keys.map((key) => ({ key, url: addressOf(key) })));
    const begun: string[] = [];
    workersOf().start(
      'download',
      downloads(setting.queues, ({ videoId }) => {
        begun.push(videoId);
        return Promise.resolve();
      }),
      4,
    );

    const adding = (async () => {
      for (const key of keys) {
        // One that was refused is not acknowledged: whoever adds it tries again.
        await eventually('the job to be taken', async () => {
          try {
            await setting.queues.addStage('download', key, 0);
            return true;
          } catch {
            return false;
          }
        });
      }
    })();
    for (const reached of [40, 120, 200]) {
      await eventually(
        `${String(reached)} begun jobs`,
        () => begun.length,
        (count) => count >= reached,
      );
      await redis.kill();
      await redis.restart();
    }
    await adding;

    await eventually(
      'all videos to be downloaded',
      () => setting.database.overview.countByStatus(),
      ({ downloaded }) => downloaded === keys.length,
      30_000,
    );
    // The next job of each is there, once, although the hand-over was cut off three times.
    const uploads = await eventually(
      'the upload jobs',
      () => setting.queues.queue('upload').getWaiting(0, -1),
      (jobs) => jobs.length === keys.length,
    );
    expect(new Set(uploads.map(({ id }) => id)).size).toBe(keys.length);
    expect((await setting.queues.counts('download')).failed).toBe(0);
    // Twice begun is what was at work in the moment of a kill, at most: four jobs, three times.
    expect(begun.length - new Set(begun).size).toBeLessThanOrEqual(12);
  });
});

describe('a worker that is cut off from Redis for longer than its lock', () => {
  let proxy: UrlProxy;
  let cutOff: JobQueues;
  beforeEach(async () => {
    setting = await openTestSetting();
    proxy = await startUrlProxy(setting.config.redis.url);
  });
  afterEach(async () => {
    proxy.setFault({ kind: 'none' });
    await closeAll();
    await cutOff.close();
    await proxy.close();
  });

  test('another one does its job; what it brings later changes nothing, and it works on', async () => {
    const config = { ...setting.config, redis: { ...setting.config.redis, url: proxy.url } };
    cutOff = new JobQueues(config.redis);
    const [key, later] = [keyOf(1), keyOf(2)];
    await setting.database.videos.discover([key, later].map((one) => ({ key: one, url: addressOf(one) })));

    const begun: string[] = [];
    const release = Promise.withResolvers<undefined>();
    workersOf({ config, queues: cutOff }).start(
      'download',
      downloads(cutOff, async ({ videoId }) => {
        begun.push(`cut off: ${videoId}`);
        if (videoId === key.videoId) await release.promise;
      }),
      1,
    );
    await setting.queues.addStage('download', key, 0);
    await eventually('the first worker to begin', () => begun.length === 1);
    proxy.setFault({ kind: 'silent' });

    const other = workersOf();
    other.start(
      'download',
      downloads(setting.queues, ({ videoId }) => {
        begun.push(`other: ${videoId}`);
        return Promise.resolve();
      }),
      1,
    );
    const done = await eventually(
      'the other worker to finish the job',
      () => setting.database.videos.find(key),
      (video) => video?.status === 'downloaded',
      30_000,
    );
    await eventually('its end', async () => (await setting.queues.counts('download')).completed === 1);
    await other.stop();

    release.resolve(undefined);
    proxy.setFault({ kind: 'none' });
    await setting.queues.addStage('download', later, 0);
    await eventually(
      'the first worker to work again',
      () => setting.database.videos.find(later),
      (video) => video?.status === 'downloaded',
      30_000,
    );
    expect(begun).toEqual([`cut off: ${key.videoId}`, `other: ${key.videoId}`, `cut off: ${later.videoId}`]);
    expect(await setting.database.videos.find(key)).toEqual(done);
    await eventually('the end of both jobs', async () => {
      const { completed, failed } = await setting.queues.counts('download');
      return completed + failed === 2;
    });
    expect(await setting.queues.counts('download')).toMatchObject({ completed: 2, failed: 0, active: 0 });
    expect((await setting.queues.queue('upload').getWaiting()).map(({ id }) => id)).toHaveLength(2);
  });
});
