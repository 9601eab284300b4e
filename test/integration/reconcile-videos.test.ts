import { STAGES, type Stage } from '../../src/domain/video-status.ts';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { VideoAudio } from '../../src/database/documents.ts';
import { retryJobId, stageJobId } from '../../src/queues/job-ids.ts';
import type { JobQueues } from '../../src/queues/job-queues.ts';
import { TransientError } from '../../src/domain/job-errors.ts';
import type { VideoKey } from '../../src/domain/video-key.ts';
import { addressOf, keyOf, openReconcileTest, type ReconcileTest } from '../support/reconcile-setting.ts';
import { openTestSetting, type TestEnvironment } from '../support/test-environment.ts';

const KEY = keyOf(1);
const AUDIO: VideoAudio = { size: 1, format: 'mp3' };

let setting: TestEnvironment;
let places: ReconcileTest;

beforeEach(async () => {
  setting = await openTestSetting({ RETRY_ROUNDS: '2' });
  places = await openReconcileTest(setting);
  await setting.database.videos.discover([{ key: KEY, url: addressOf(KEY) }]);
});
afterEach(async () => {
  places.store.close();
  await setting.close();
});

const video = () => setting.database.videos.find(KEY);
const videosOnly = (options = {}) => places.run({ passes: ['videos'], ...options });
const stateOf = async (stage: Stage | 'retry', id: string) =>
  await setting.queues.queue(stage).getJobState(id);
const retrying = (nextRetryAt: Date) =>
  setting.database.videos.markRetrying(
    KEY,
    0,
    { stage: 'download', resumeAt: 'download' },
    new TransientError('network', 'x'),
    nextRetryAt,
  );

/** Brings the video before a stage, in round 0, without any job. */
async function before(stage: Stage): Promise<void> {
  const { videos } = setting.database;
  if (stage === 'download') return;
  await videos.markDownloaded(KEY, 0, AUDIO, {});
  await places.stage(KEY);
  if (stage === 'sync') await videos.markStored(KEY, 0, { ...AUDIO, key: 'audio/youtube/x.mp3' });
}

/** Ends a job as a worker would that did nothing for its video. */
async function end(queueName: Stage | 'retry', how: 'completed' | 'failed'): Promise<void> {
  const queue = setting.queues.queue(queueName);
  const [job] = [...(await queue.getWaiting()), ...(await queue.getDelayed())];
  if (job === undefined) throw new Error('There is no job.');
  const { Worker } = await import('bullmq');
  const worker = new Worker(
    queueName,
    () => (how === 'failed' ? Promise.reject(new Error('x')) : Promise.resolve()),
    {
      connection: { url: setting.config.redis.url },
      prefix: setting.config.redis.prefix,
    },
  );
  if (await job.isDelayed()) await job.promote();
  await new Promise<void>((resolve) => {
    worker.on('completed', () => {
      resolve();
    });
    worker.on('failed', (ended) => {
      if (ended?.attemptsMade === ended?.opts.attempts) resolve();
    });
  });
  await worker.close();
}

describe.each(STAGES)('a video before its %s', (stage) => {
  const id = (round: number, key: VideoKey = KEY) => stageJobId(stage, key, round);

  test('gets a missing job back, once', async () => {
    await before(stage);
    expect((await videosOnly()).videos).toMatchObject({ examined: 1, carried: 0, jobs: 1, rounds: 0 });
    expect(await stateOf(stage, id(0))).toBe('waiting');
    expect((await videosOnly()).videos).toMatchObject({ examined: 1, carried: 1, jobs: 0 });
    expect(await setting.queues.counts(stage)).toMatchObject({ waiting: 1 });
    expect(await video()).toMatchObject({ round: 0 });
  });

  test('goes on in a new round when its job has ended without it', async () => {
    await before(stage);
    await setting.queues.addStage(stage, KEY, 0);
    await end(stage, 'completed');
    expect((await videosOnly()).videos).toMatchObject({ rounds: 1, jobs: 0, failed: 0 });
    expect(await stateOf(stage, id(1))).toBe('waiting');
    expect(await video()).toMatchObject({ round: 1, first_round: 0, retry_attempts: 1 });
  });

  test('is told of but not touched by a dry run', async () => {
    await before(stage);
    const seen = await video();
    expect(await videosOnly({ dryRun: true })).toMatchObject({ dryRun: true, videos: { jobs: 1 } });
    expect(await stateOf(stage, id(0))).toBe('unknown');
    expect(await video()).toEqual(seen);
  });
});

describe('a video that waits for its next round', () => {
  const id = retryJobId('download', KEY, 0);

  test('gets its wait back for the time that is left', async () => {
    await retrying(new Date(Date.now() + 3_600_000));
    expect((await videosOnly()).videos).toMatchObject({ waits: 1 });
    expect(await stateOf('retry', id)).toBe('delayed');
    const [job] = await setting.queues.queue('retry').getDelayed();
    expect(Math.abs((job?.delay ?? 0) - 3_600_000)).toBeLessThan(60_000);
    expect((await videosOnly()).videos).toMatchObject({ waits: 0, carried: 1 });
  });

  test('is due at once when its time has passed', async () => {
    await retrying(new Date(Date.now() - 3_600_000));
    await videosOnly();
    expect(await stateOf('retry', id)).toBe('waiting');
  });

  test('goes on when its wait ended without it', async () => {
    await retrying(new Date());
    await setting.queues.addRetry('download', KEY, 0, 0);
    await end('retry', 'completed');
    expect((await videosOnly()).videos).toMatchObject({ rounds: 1 });
    expect(await video()).toMatchObject({ status: 'discovered', round: 1 });
    expect(await stateOf('download', stageJobId('download', KEY, 1))).toBe('waiting');
  });
});

test('a video that gets lost in every round ends as failed, with the reason', async () => {
  for (const round of [0, 1, 2]) {
    await setting.queues.addStage('download', KEY, round);
    await end('download', 'completed');
    await setting.queues.queue('download').drain();
    await videosOnly();
    await setting.queues.queue('download').drain();
  }
  expect(await video()).toMatchObject({
    status: 'failed',
    round: 2,
    error: { class: 'worker_lost', stage: 'download' },
  });
});

test('a failed job counts as ended', async () => {
  await setting.queues.addStage('download', KEY, 0);
  await setting.queues.queue('download').obliterate();
  await setting.queues
    .queue('download')
    .add('download', { ...KEY, round: 0 }, { jobId: stageJobId('download', KEY, 0), attempts: 1 });
  await end('download', 'failed');
  expect((await videosOnly()).videos).toMatchObject({ rounds: 1 });
});

test('a downloaded video whose file is gone goes back to its download, where this machine can tell', async () => {
  await before('upload');
  await places.staging.removeStaged(KEY);
  expect((await videosOnly()).videos).toMatchObject({ sentBack: 1, rounds: 1 });
  expect(await video()).toMatchObject({ status: 'discovered', round: 1 });
  expect(await stateOf('download', stageJobId('download', KEY, 1))).toBe('waiting');
});

test('a video with a live upload job is left to it, whatever staging holds', async () => {
  await before('upload');
  await setting.queues.addStage('upload', KEY, 0);
  await places.staging.removeStaged(KEY);
  expect((await videosOnly()).videos).toMatchObject({ sentBack: 0, carried: 1 });
});

test.each(['missing', 'finished'] as const)(
  'a video that moves on between the looks, its job then %s, is left alone',
  async (presence) => {
    const queues = Object.create(setting.queues, {
      presence: {
        value: async (_queue: string, jobIds: readonly string[]) => {
          await setting.database.videos.markDownloaded(KEY, 0, AUDIO, {});
          await places.stage(KEY);
          await setting.queues.addStage('upload', KEY, 0);
          return jobIds.map((id) => (id.startsWith('download') ? presence : 'live'));
        },
      },
    }) as JobQueues;
    expect((await videosOnly({ queues })).videos).toMatchObject({ jobs: 0, rounds: 0, carried: 2 });
    expect(await video()).toMatchObject({ status: 'downloaded', round: 0 });
    expect(await setting.queues.counts('download')).toMatchObject({ waiting: 0 });
  },
);

test('without Azure a stored video is at its end', async () => {
  await before('sync');
  const config = { ...setting.config, azure: undefined };
  expect((await videosOnly({ config })).videos).toMatchObject({ examined: 0 });
});

test('videos that are final are not looked at', async () => {
  await before('sync');
  await setting.database.videos.markMirrored(KEY, 0, {
    container: 'x',
    name: 'x',
    etag: 'x',
    size: 1,
    md5: 'x',
    at: new Date(),
  });
  expect((await videosOnly()).videos).toMatchObject({ examined: 0 });
});

test('two at once, over many videos, add each job once', async () => {
  const many = Array.from({ length: 1_200 }, (_, index) => keyOf(index));
  await setting.database.videos.discover(many.map((key) => ({ key, url: addressOf(key) })));
  await Promise.all([videosOnly(), videosOnly()]);
  expect(await setting.queues.counts('download')).toMatchObject({ waiting: 1_200 });
  expect((await videosOnly()).videos).toMatchObject({ examined: 1_200, carried: 1_200 });
});

test('two at once open one round for a video that was left behind', async () => {
  await setting.queues.addStage('download', KEY, 0);
  await end('download', 'completed');
  await Promise.all(Array.from({ length: 4 }, () => videosOnly()));
  expect(await video()).toMatchObject({ round: 1, retry_attempts: 1 });
  expect(await setting.queues.counts('download')).toMatchObject({ waiting: 1 });
});
