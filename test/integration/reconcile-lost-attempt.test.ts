import { afterEach, expect, test } from '@jest/globals';
import { Worker } from 'bullmq';
import { OperatorError } from '../../src/domain/job-errors.ts';
import { videoDocumentId } from '../../src/domain/video-key.ts';
import { createStageProcessor } from '../../src/workers/processors/stage.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { addressOf, keyOf } from '../support/reconcile-environment.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

const KEY = keyOf(1);
const OTHER = keyOf(2);

let environment: TestEnvironment;
let workers: TestWorkers;
let lostWorker: Worker;

/** A worker takes the job of a video and is lost: its lock expires like that of a process that was killed. */
async function loseJob(overrides: Readonly<Record<string, string>> = {}): Promise<void> {
  environment = await openTestEnvironment({ JOB_LOCK_SECONDS: '1', ...overrides });
  workers = new TestWorkers(environment);
  const { config, database, queues } = environment;
  lostWorker = new Worker('download', undefined, {
    connection: { url: config.redis.url },
    prefix: config.redis.prefix,
    name: 'the-lost-one',
    autorun: false,
    lockDuration: 200,
  });
  await database.videos.discover([KEY, OTHER].map((key) => ({ key, url: addressOf(key), title: 'A title' })));
  await queues.add('download', { ...KEY, round: 0 });
  expect(await lostWorker.getNextJob('its-token')).toMatchObject({ processedBy: 'the-lost-one' });
}

afterEach(async () => {
  await lostWorker.close(true);
  await workers.stop();
  await environment.close();
});

test('records the attempt of a lost worker as failed', async () => {
  await loseJob();
  const { config, database, queues } = environment;
  const rows = () => database.attempts.ofVideo(videoDocumentId(KEY), 10);
  const audio = { size: 1, format: 'mp3' };
  workers.start(
    'download',
    createStageProcessor(
      {
        stage: 'download',
        next: 'upload',
        work: async (key, video) => {
          await eventually('the record of the loss', async () => (await rows()).length === 1);
          return {
            record: () => database.videos.markDownloaded(key, video.round, audio, {}),
            result: {},
          };
        },
      },
      { database, queues, retry: config.retry },
    ),
  );
  const both = await eventually('both attempts', rows, (found) => found.length === 2);
  expect(both.find(({ status }) => status === 'failed')).toMatchObject({
    error_class: 'worker_lost',
    error: 'The worker died while it held this job.',
    stage: 'download',
    round: 0,
    attempt: 1,
    title: 'A title',
  });
  expect(both.find(({ status }) => status === 'success')).toMatchObject({ stage: 'download', round: 0 });
});

test('puts a lost job back to waiting while all workers are paused', async () => {
  await loseJob({ OPERATOR_PROBE_SECONDS: '600' });
  const { queues } = environment;
  const worker = workers.start('download', {
    process: () => Promise.reject(new OperatorError('disk_full', 'No space left on device')),
  });
  await queues.add('download', { ...OTHER, round: 0 });
  await eventually('the pause', () => worker.pause?.errorClass === 'disk_full');
  await eventually('the job that was lost', async () => (await queues.jobs.counts('download')).active === 0);
  expect(await queues.jobs.counts('download')).toMatchObject({ waiting: 1, delayed: 1, failed: 0 });
});
