import { expect, test } from '@jest/globals';
import { Worker } from 'bullmq';
import { OperatorError } from '../../src/domain/job-errors.ts';
import { videoDocumentId } from '../../src/domain/video-key.ts';
import { createStageProcessor } from '../../src/workers/processors/stage.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { addressOf, keyOf } from '../support/reconcile-setting.ts';
import { openTestSetting } from '../support/test-environment.ts';

const KEY = keyOf(1);

test('an attempt whose worker died is recorded as failed', async () => {
  const setting = await openTestSetting({ JOB_LOCK_SECONDS: '1' });
  const workers = new TestWorkers(setting);
  const { config, database, queues } = setting;
  // Takes a job and is never heard of again: its lock runs out like that of a process that was killed.
  const dead = new Worker('download', undefined, {
    connection: { url: config.redis.url },
    prefix: config.redis.prefix,
    name: 'the-dead-one',
    autorun: false,
    lockDuration: 200,
  });
  const rows = () => database.attempts.ofVideo(videoDocumentId(KEY), 10);
  try {
    await database.videos.discover([{ key: KEY, url: addressOf(KEY), title: 'A title' }]);
    await queues.addStage('download', KEY, 0);
    expect(await dead.getNextJob('its-token')).toMatchObject({ processedBy: 'the-dead-one' });

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
  } finally {
    await dead.close(true);
    await workers.stop();
    await setting.close();
  }
});

test('a job whose worker died is found while all others are paused, and waits until they go on', async () => {
  const setting = await openTestSetting({ JOB_LOCK_SECONDS: '1', OPERATOR_PROBE_SECONDS: '600' });
  const workers = new TestWorkers(setting);
  const { config, database, queues } = setting;
  const dead = new Worker('download', undefined, {
    connection: { url: config.redis.url },
    prefix: config.redis.prefix,
    name: 'the-dead-one',
    autorun: false,
    lockDuration: 200,
  });
  try {
    await database.videos.discover([KEY, keyOf(2)].map((key) => ({ key, url: addressOf(key) })));
    await queues.addStage('download', KEY, 0);
    expect(await dead.getNextJob('its-token')).toMatchObject({ processedBy: 'the-dead-one' });
    const worker = workers.start('download', {
      process: () => Promise.reject(new OperatorError('disk_full', 'No space left on device')),
    });
    await queues.addStage('download', keyOf(2), 0);
    await eventually('the pause', () => worker.pause?.errorClass === 'disk_full');
    await eventually('the job that was lost', async () => (await queues.counts('download')).active === 0);
    expect(await queues.counts('download')).toMatchObject({ waiting: 1, delayed: 1, failed: 0 });
  } finally {
    await dead.close(true);
    await workers.stop();
    await setting.close();
  }
});
