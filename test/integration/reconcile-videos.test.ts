import type { VideoAudio } from '../../src/database/collections/video.ts';
import { STAGES, type Stage } from '../../src/domain/video-status.ts';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { retryJobId, stageJobId } from '../../src/queues/job-ids.ts';
import { TransientError } from '../../src/domain/job-errors.ts';
import type { VideoKey } from '../../src/domain/video-key.ts';
import {
  keyOf,
  openReconcileEnvironment,
  type ReconcileEnvironment,
} from '../support/reconcile-environment.ts';

const KEY = keyOf(1);
const AUDIO: VideoAudio = { size: 1, format: 'mp3' };

let environment: ReconcileEnvironment;

beforeEach(async () => {
  environment = await openReconcileEnvironment({ RETRY_ROUNDS: '2' });
  await environment.discover(KEY);
});
afterEach(() => environment.close());

const video = () => environment.database.videos.find(KEY);
const videosOnly = (options = {}) => environment.reconcile({ passes: ['videos'], ...options });
/** Jobs of the download queue wait among those with a priority. */
const stateOf = async (stage: Stage | 'retry', id: string) => {
  const state = await environment.queues.queue(stage).getJobState(id);
  return state === 'prioritized' ? 'waiting' : state;
};
const retrying = (nextRetryAt: Date) =>
  environment.database.videos.markRetrying(
    KEY,
    0,
    { stage: 'download', resumeAt: 'download' },
    new TransientError('network', 'x'),
    nextRetryAt,
  );

/** Brings the video to the status before a stage, in round 0, without a job. */
async function before(stage: Stage): Promise<void> {
  const { videos } = environment.database;
  if (stage === 'download') return;
  await videos.markDownloaded(KEY, 0, AUDIO, {});
  await environment.stage(KEY);
  if (stage === 'sync') await videos.markStored(KEY, 0, { ...AUDIO, key: 'audio/youtube/x.mp3' });
}

/** Finishes a job without any effect on its video. */
async function end(queueName: Stage | 'retry', how: 'completed' | 'failed'): Promise<void> {
  const queue = environment.queues.queue(queueName);
  const [job] = await queue.getJobs(['waiting', 'prioritized', 'delayed']);
  if (job === undefined) throw new Error('There is no job.');
  const { Worker } = await import('bullmq');
  const worker = new Worker(
    queueName,
    () => (how === 'failed' ? Promise.reject(new Error('x')) : Promise.resolve()),
    {
      connection: { url: environment.config.redis.url },
      prefix: environment.config.redis.prefix,
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

  test('gets its missing job again, once', async () => {
    await before(stage);
    expect((await videosOnly()).videos).toMatchObject({ examined: 1, carried: 0, jobs: 1, rounds: 0 });
    expect(await stateOf(stage, id(0))).toBe('waiting');
    expect((await videosOnly()).videos).toMatchObject({ examined: 1, carried: 1, jobs: 0 });
    expect(await environment.queues.jobs.counts(stage)).toMatchObject({ waiting: 1 });
    expect(await video()).toMatchObject({ round: 0 });
  });

  test('continues in a new round when its job has ended without a result', async () => {
    await before(stage);
    await environment.queues.add(stage, { ...KEY, round: 0 });
    await end(stage, 'completed');
    expect((await videosOnly()).videos).toMatchObject({ rounds: 1, jobs: 0, failed: 0 });
    expect(await stateOf(stage, id(1))).toBe('waiting');
    expect(await video()).toMatchObject({ round: 1, first_round: 0, retry_attempts: 1 });
  });

  test('is reported but not changed by a dry run', async () => {
    await before(stage);
    const seen = await video();
    expect(await videosOnly({ dryRun: true })).toMatchObject({ dryRun: true, videos: { jobs: 1 } });
    expect(await stateOf(stage, id(0))).toBe('unknown');
    expect(await video()).toEqual(seen);
  });
});

describe('a video that waits for its next round', () => {
  const id = retryJobId('download', KEY, 0);

  test('gets its retry job again with the remaining delay', async () => {
    await retrying(new Date(Date.now() + 3_600_000));
    expect((await videosOnly()).videos).toMatchObject({ waits: 1 });
    expect(await stateOf('retry', id)).toBe('delayed');
    const [job] = await environment.queues.queue('retry').getDelayed();
    expect(Math.abs((job?.delay ?? 0) - 3_600_000)).toBeLessThan(60_000);
    expect((await videosOnly()).videos).toMatchObject({ waits: 0, carried: 1 });
  });

  test('is due at once when its retry time has passed', async () => {
    await retrying(new Date(Date.now() - 3_600_000));
    await videosOnly();
    expect(await stateOf('retry', id)).toBe('waiting');
  });

  test('continues when its retry job ended without a result', async () => {
    await retrying(new Date());
    await environment.queues.add('retry', { stage: 'download', ...KEY, round: 0 }, { delayMs: 0 });
    await end('retry', 'completed');
    expect((await videosOnly()).videos).toMatchObject({ rounds: 1 });
    expect(await video()).toMatchObject({ status: 'discovered', round: 1 });
    expect(await stateOf('download', stageJobId('download', KEY, 1))).toBe('waiting');
  });
});

test('a video that is lost in every round fails with the reason', async () => {
  for (const round of [0, 1, 2]) {
    await environment.queues.add('download', { ...KEY, round });
    await end('download', 'completed');
    await environment.queues.queue('download').drain();
    await videosOnly();
    await environment.queues.queue('download').drain();
  }
  expect(await video()).toMatchObject({
    status: 'failed',
    round: 2,
    error: { class: 'worker_lost', stage: 'download' },
  });
});

test('a failed job counts as ended', async () => {
  await environment.queues.add('download', { ...KEY, round: 0 });
  await environment.queues.queue('download').obliterate();
  await environment.queues
    .queue('download')
    .add('download', { ...KEY, round: 0 }, { jobId: stageJobId('download', KEY, 0), attempts: 1 });
  await end('download', 'failed');
  expect((await videosOnly()).videos).toMatchObject({ rounds: 1 });
});

test('a downloaded video without its staged file is downloaded again, on a machine with the staging directory', async () => {
  await before('upload');
  await environment.staging.removeStaged(KEY);
  expect((await videosOnly()).videos).toMatchObject({ sentBack: 1, rounds: 1 });
  expect(await video()).toMatchObject({ status: 'discovered', round: 1 });
  expect(await stateOf('download', stageJobId('download', KEY, 1))).toBe('waiting');
});

test('a video with a live upload job is left to that job, also without a staged file', async () => {
  await before('upload');
  await environment.queues.add('upload', { ...KEY, round: 0 });
  await environment.staging.removeStaged(KEY);
  expect((await videosOnly()).videos).toMatchObject({ sentBack: 0, carried: 1 });
});

test.each(['missing', 'finished'] as const)(
  'a video that changes between the checks, its job then %s, is ignored',
  async (presence) => {
    environment.queues.jobs.presence = async (_queue, jobIds) => {
      await environment.database.videos.markDownloaded(KEY, 0, AUDIO, {});
      await environment.stage(KEY);
      await environment.queues.add('upload', { ...KEY, round: 0 });
      return jobIds.map((id) => (id.startsWith('download') ? presence : 'live'));
    };
    expect((await videosOnly()).videos).toMatchObject({ jobs: 0, rounds: 0, carried: 2 });
    expect(await video()).toMatchObject({ status: 'downloaded', round: 0 });
    expect(await environment.queues.jobs.counts('download')).toMatchObject({ waiting: 0 });
  },
);

test('a stored video is final without Azure', async () => {
  await before('sync');
  const config = { ...environment.config, azure: undefined };
  expect((await videosOnly({ config })).videos).toMatchObject({ examined: 0 });
});

test('final videos are not examined', async () => {
  await before('sync');
  await environment.database.videos.markMirrored(KEY, 0, {
    container: 'x',
    name: 'x',
    etag: 'x',
    size: 1,
    md5: 'x',
    at: new Date(),
  });
  expect((await videosOnly()).videos).toMatchObject({ examined: 0 });
});

test('two passes at once over many videos add each job once', async () => {
  const many = Array.from({ length: 1_200 }, (_, index) => keyOf(index));
  await environment.discover(...many);
  await Promise.all([videosOnly(), videosOnly()]);
  expect(await environment.queues.jobs.counts('download')).toMatchObject({ waiting: 1_200 });
  expect((await videosOnly()).videos).toMatchObject({ examined: 1_200, carried: 1_200 });
});

test('several passes at once start one round for a video without a job', async () => {
  await environment.queues.add('download', { ...KEY, round: 0 });
  await end('download', 'completed');
  await Promise.all(Array.from({ length: 4 }, () => videosOnly()));
  expect(await video()).toMatchObject({ round: 1, retry_attempts: 1 });
  expect(await environment.queues.jobs.counts('download')).toMatchObject({ waiting: 1 });
});
