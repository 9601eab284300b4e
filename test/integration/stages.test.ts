import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  LaterError,
  OperatorError,
  PermanentError,
  ThrottledError,
  TransientError,
} from '../../src/domain/job-errors.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import { videoDocumentId, type VideoKey } from '../../src/domain/video-key.ts';
import { openEgress } from '../../src/egress/egress.ts';
import { createRetryProcessor } from '../../src/workers/processors/retry.ts';
import { createStageProcessor, type StageDefinition } from '../../src/workers/processors/stage.ts';
import type { JobContext } from '../../src/workers/processor.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { SAMPLE_AUDIO } from '../support/sample-audio.ts';

const KEY: VideoKey = { provider: 'youtube', videoId: 'AbC-_123456' };
const ID = videoDocumentId(KEY);

let environment: TestEnvironment;
let workers: TestWorkers;

beforeEach(async () => {
  environment = await openTestEnvironment();
  workers = new TestWorkers(environment);
  await environment.database.videos.discover([
    { key: KEY, url: 'https://www.youtube.com/watch?v=AbC-_123456', title: 'A title' },
  ]);
});

afterEach(async () => {
  await workers.stop();
  await environment.close();
});

/** A download stage with this work; the rest is real. */
function downloads(work: (context: JobContext) => Promise<void>, extra: Partial<StageDefinition> = {}) {
  const { database, queues, config } = environment;
  return createStageProcessor(
    {
      stage: 'download',
      next: 'upload',
      work: async (key, video, context) => {
        await work(context);
        return {
          record: () => database.videos.markDownloaded(key, video.round, SAMPLE_AUDIO, {}),
          result: { ok: true },
        };
      },
      ...extra,
    },
    { database, queues, retry: config.retry },
  );
}

const video = () => environment.database.videos.find(KEY);
const attempts = () => environment.database.attempts.ofVideo(ID, 100);
const videoIn = (status: string) =>
  eventually(`the status ${status}`, video, (found) => found?.status === status);

describe('a job of a stage', () => {
  test('does its work, records it, adds the next job and cleans up, in this order', async () => {
    const steps: string[] = [];
    workers.start(
      'download',
      downloads(
        async () => {
          steps.push(`work in ${String((await video())?.status)}`);
        },
        {
          cleanUp: async () => {
            const { waiting } = await environment.queues.jobs.counts('upload');
            steps.push(`clean-up in ${String((await video())?.status)} with ${String(waiting)} upload job`);
          },
        },
      ),
    );
    await environment.queues.add('download', { ...KEY, round: 0 });
    await eventually('both steps', () => steps.length === 2);
    expect(steps).toEqual(['work in discovered', 'clean-up in downloaded with 1 upload job']);
    expect(await attempts()).toMatchObject([
      { status: 'success', stage: 'download', round: 0, attempt: 1, title: 'A title' },
    ]);
  });

  test('that runs again after its result was recorded only adds the next job again', async () => {
    await environment.database.videos.markDownloaded(KEY, 0, SAMPLE_AUDIO, {});
    let works = 0;
    workers.start(
      'download',
      downloads(() => {
        works += 1;
        return Promise.resolve();
      }),
    );
    await environment.queues.add('download', { ...KEY, round: 0 });
    await eventually(
      'the upload job',
      async () => (await environment.queues.jobs.counts('upload')).waiting === 1,
    );
    expect(works).toBe(0);
  });

  test('of an older round changes nothing', async () => {
    await environment.database.videos.markRetrying(
      KEY,
      0,
      { stage: 'download', resumeAt: 'download' },
      new TransientError('network', 'x'),
      new Date(),
    );
    await environment.database.videos.claimRetry(KEY, 0, 'download', { countsAsRound: true });
    workers.start(
      'download',
      downloads(() => Promise.reject(new Error('must not run'))),
    );
    await environment.queues.add('download', { ...KEY, round: 0 });
    await eventually(
      'the job',
      async () => (await environment.queues.jobs.counts('download')).completed === 1,
    );
    expect(await video()).toMatchObject({ status: 'discovered', round: 1 });
    expect(await attempts()).toEqual([]);
  });
});

describe('failures', () => {
  test('a temporary failure is retried within the queue', async () => {
    let tries = 0;
    workers.start(
      'download',
      downloads(() => {
        tries += 1;
        return tries < 3
          ? Promise.reject(new TransientError('network', 'connection reset'))
          : Promise.resolve();
      }),
    );
    await environment.queues.add('download', { ...KEY, round: 0 });
    await videoIn('downloaded');
    expect((await attempts()).map(({ status, attempt }) => [status, attempt])).toEqual([
      ['success', 3],
      ['failed', 2],
      ['failed', 1],
    ]);
    expect(await environment.queues.jobs.counts('retry')).toMatchObject({ delayed: 0, completed: 0 });
  });

  test('after the last attempt the job goes through the retry queue into the next round', async () => {
    let tries = 0;
    workers.start(
      'download',
      downloads(() => {
        tries += 1;
        return tries <= 3 ? Promise.reject(new Error('who knows')) : Promise.resolve();
      }),
    );
    await environment.queues.add('download', { ...KEY, round: 0 });
    const waiting = await videoIn('retrying');
    expect(waiting).toMatchObject({
      round: 0,
      error: { class: 'unknown', message: 'who knows', stage: 'download' },
    });
    expect(waiting?.next_retry_at?.getTime()).toBeGreaterThan(Date.now() - 5_000);

    workers.start('retry', createRetryProcessor(environment));
    const done = await videoIn('downloaded');
    expect(done).toMatchObject({ round: 1, retry_attempts: 1 });
    expect(done?.last_retry).toBeInstanceOf(Date);
    expect(done?.error).toBeUndefined();
    expect(done?.next_retry_at).toBeUndefined();
    // The failed job of the first round is kept.
    await eventually(
      'the download queue to come to rest',
      () => environment.queues.jobs.counts('download'),
      (found) => found.failed === 1 && found.completed === 1,
    );
  });

  test('after the last round the video fails with reason and advice', async () => {
    await environment.close();
    environment = await openTestEnvironment({ RETRY_ROUNDS: '1' });
    workers = new TestWorkers(environment);
    await environment.database.videos.discover([
      { key: KEY, url: 'https://www.youtube.com/watch?v=AbC-_123456' },
    ]);
    workers.start(
      'download',
      downloads(() => Promise.reject(new TransientError('timeout', 'too slow'))),
    );
    workers.start('retry', createRetryProcessor(environment));
    await environment.queues.add('download', { ...KEY, round: 0 });
    expect(await videoIn('failed')).toMatchObject({
      round: 1,
      error: { class: 'timeout', message: 'too slow' },
    });
    expect(await attempts()).toHaveLength(6);
    await eventually(
      'the retry queue to come to rest',
      () => environment.queues.jobs.counts('retry'),
      (found) => found.waiting === 0 && found.delayed === 0 && found.completed === 1,
    );
  });

  test('a permanent failure fails at once and never enters the retry queue', async () => {
    workers.start(
      'download',
      downloads(() => Promise.reject(new PermanentError('private', 'Private video'))),
    );
    await environment.queues.add('download', { ...KEY, round: 0 });
    expect(await videoIn('failed')).toMatchObject({
      error: { class: 'private', advice: expect.stringContaining('owner') },
    });
    await eventually(
      'the failed job',
      async () => (await environment.queues.jobs.counts('download')).failed === 1,
    );
    expect(await attempts()).toHaveLength(1);
    expect(await environment.queues.jobs.counts('retry')).toMatchObject({
      waiting: 0,
      delayed: 0,
      completed: 0,
    });
  });

  test('a video that is not available yet waits for its time and uses no round', async () => {
    const availableAt = new Date(Date.now() + 3 * 3_600_000);
    workers.start(
      'download',
      downloads(() => Promise.reject(new LaterError('premiere', 'Premieres in 3 hours', { availableAt }))),
    );
    await environment.queues.add('download', { ...KEY, round: 0 });
    const waiting = await videoIn('retrying');
    expect(Math.abs((waiting?.next_retry_at?.getTime() ?? 0) - availableAt.getTime())).toBeLessThan(5_000);
    await eventually(
      'the retry queue to come to rest',
      () => environment.queues.jobs.counts('retry'),
      (found) => found.delayed === 1,
    );

    workers.start('retry', createRetryProcessor(environment));
    const [job] = await environment.queues.queue('retry').getDelayed();
    await workers.stop();
    workers.start('retry', createRetryProcessor(environment));
    await job?.promote();
    expect(await videoIn('discovered')).toMatchObject({ round: 1, first_round: 1 });
  });

  describe('a video that stays unavailable', () => {
    const DAY_MS = 86_400_000;
    const row = (daysAgo: number, errorClass: 'live' | 'network') =>
      environment.database.attempts.record({
        ...{ video_id: ID, url: 'https://www.youtube.com/watch?v=AbC-_123456', status: 'failed' },
        ...{ timestamp: new Date(Date.now() - daysAgo * DAY_MS), retry_attempts: 0, error_class: errorClass },
        ...{ stage: 'download', round: 0, attempt: 1, duration_ms: 1, worker: 'w' },
      });
    const meet = async (error: LaterError) => {
      workers.start(
        'download',
        downloads(() => Promise.reject(error)),
      );
      await environment.queues.add('download', { ...KEY, round: 0 });
      return await eventually('the end of the attempt', video, (found) => found?.status !== 'discovered');
    };

    test('for longer than UNAVAILABLE_MAX_DAYS has failed, with a reason', async () => {
      await row(31, 'live');
      await row(2, 'live');
      expect(await meet(new LaterError('recording_pending', 'It is being processed.'))).toMatchObject({
        status: 'failed',
        error: { class: 'never_available', message: expect.stringContaining('So it has been since 20') },
      });
    });

    test.each([
      ['for less time', 29, undefined, new LaterError('live', 'It is live.')],
      ['with something else in between', 31, 3, new LaterError('live', 'It is live.')],
      [
        'until an announced time that is still to come',
        31,
        undefined,
        new LaterError('premiere', 'In a day.', { availableAt: new Date(Date.now() + DAY_MS) }),
      ],
    ] as const)('%s is tried again', async (_what, liveDaysAgo, networkDaysAgo, error) => {
      await row(liveDaysAgo, 'live');
      if (networkDaysAgo !== undefined) await row(networkDaysAgo, 'network');
      expect(await meet(error)).toMatchObject({ status: 'retrying', error: { class: error.errorClass } });
    });
  });

  test('a throttled job pauses its whole queue, with no attempt counted', async () => {
    const startedAt: number[] = [];
    const egress = openEgress(environment.config, environment.queues, createSilentLogger());
    workers.start(
      'download',
      downloads((context) =>
        egress.use('download', 'youtube.test', context.signal, () => {
          startedAt.push(Date.now());
          return startedAt.length <= 4
            ? Promise.reject(new ThrottledError('bot_check', 'Sign in to confirm'))
            : Promise.resolve();
        }),
      ),
    );
    await environment.queues.add('download', { ...KEY, round: 0 });
    const done = await videoIn('downloaded');
    expect(done).toMatchObject({ round: 0, retry_attempts: 0 });
    const pausesMs = startedAt.slice(1).map((at, index) => at - (startedAt[index] ?? 0));
    // 0.5 s, doubled each time, at most 2 s; a success would reset it.
    expect(pausesMs[0]).toBeGreaterThanOrEqual(450);
    expect(pausesMs[1]).toBeGreaterThanOrEqual(950);
    expect(pausesMs[3]).toBeLessThan(6_000);
    expect((await attempts()).map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1, 1]);
  });

  test('an operator error pauses the queue, is probed, and no attempt is counted', async () => {
    let tries = 0;
    const worker = workers.start(
      'download',
      downloads(() => {
        tries += 1;
        return tries <= 5
          ? Promise.reject(new OperatorError('disk_full', 'No space left on device'))
          : Promise.resolve();
      }),
    );
    await environment.queues.add('download', { ...KEY, round: 0 });
    const pause = await eventually(
      'the pause',
      () => worker.pause,
      (found) => found !== undefined,
    );
    expect(pause).toMatchObject({
      errorClass: 'disk_full',
      advice: expect.stringContaining('Free some space'),
    });
    await videoIn('downloaded');
    // The video is updated while its job is still active; the queue resumes when the job has ended.
    await eventually('the end of the pause', () => worker.pause === undefined);
    expect(await attempts()).toMatchObject([{ status: 'success', attempt: 1 }]);
  });

  test('an invalid payload fails at once with its reason', async () => {
    workers.start(
      'download',
      downloads(() => Promise.resolve()),
    );
    await environment.queues
      .queue('download')
      .add('download', { provider: 'youtube', videoId: '--exec=x', round: 0 }, { attempts: 5 });
    const [job] = await eventually(
      'the failed job',
      () => environment.queues.queue('download').getFailed(),
      (jobs) => jobs.length === 1,
    );
    expect(job?.failedReason).toContain('Invalid payload for queue download');
    expect(job?.attemptsMade).toBe(1);
  });
});

describe('ending', () => {
  test('an interrupted job is aborted and waits again, with no attempt counted', async () => {
    let wasAborted = false;
    let isWorking = false;
    const worker = workers.start(
      'download',
      downloads(async (context) => {
        isWorking = true;
        await new Promise((resolve) => {
          context.signal.addEventListener('abort', resolve);
        });
        wasAborted = true;
        context.signal.throwIfAborted();
      }),
    );
    await environment.queues.add('download', { ...KEY, round: 0 });
    await eventually('the work', () => isWorking);
    const drained = worker.drain();
    worker.interrupt();
    await drained;
    expect(wasAborted).toBe(true);
    const [job] = await environment.queues.queue('download').getPrioritized();
    expect(job).toMatchObject({ attemptsMade: 0 });
    expect(await attempts()).toEqual([]);
    expect(await video()).toMatchObject({ status: 'discovered', round: 0 });
  });
});
