import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { videoDocumentId, type VideoKey } from '../../src/domain/video-key.ts';
import { createStageProcessor } from '../../src/workers/processors/stage.ts';
import { stageJobId } from '../../src/queues/job-ids.ts';
import { CrashEnvironment } from '../support/crash-environment.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import type { Program } from '../support/program.ts';

const POISON: VideoKey = { provider: 'youtube', videoId: 'pOiSoN-0001' };
const OTHERS: readonly VideoKey[] = ['harmless001', 'harmless002', 'harmless003'].map((videoId) => ({
  provider: 'youtube',
  videoId,
}));

let crash: CrashEnvironment;
let isOver: boolean;

beforeEach(async () => {
  isOver = false;
  crash = await CrashEnvironment.open({ DOWNLOAD_CONCURRENCY: '2' });
});

afterEach(async () => {
  isOver = true;
  await crash.close();
});

/** What a container runtime does: restarts a worker whenever it is killed. */
async function supervise(start: () => Program): Promise<void> {
  while ((await start().ended) === 'SIGKILL' && !isOver);
}

describe('a job that kills its worker', () => {
  test('is started four times, the last time alone, and goes to the retry queue; the other jobs continue', async () => {
    await crash.addDownloads(POISON, ...OTHERS);
    const workers: Program[] = [];
    const supervised = supervise(() => {
      const worker = crash.run({ audio: { killAtVideoId: POISON.videoId, takesMs: 200 } });
      workers.push(worker);
      return worker;
    });
    await eventually(
      'the next round',
      () => crash.video(POISON),
      (video) => video?.status === 'retrying' || (video?.round ?? 0) > 0,
      100_000,
    );
    const rows = await crash.environment.database.attempts.ofVideo(videoDocumentId(POISON), 100);
    expect(rows.map(({ error_class: errorClass }) => errorClass)).toContain('poison');
    expect(crash.audioStarts().filter((videoId) => videoId === POISON.videoId)).toHaveLength(4);
    for (const key of OTHERS) {
      expect(await crash.videoIn(key, 'mirrored', 60_000)).toMatchObject({ round: 0 });
    }
    workers.at(-1)?.kill('SIGTERM');
    await supervised;
    // Later workers removed the leftovers of the killed ones.
    expect((await crash.stagedFiles()).filter((file) => !file.includes(POISON.videoId))).toEqual([]);
  });

  test('fails with its reason after three such rounds', async () => {
    const { database, queues, config } = crash.environment;
    await crash.discover(POISON);
    const processor = createStageProcessor(
      { stage: 'download', next: 'upload', work: () => Promise.reject(new Error('must not begin')) },
      { database, queues, retry: config.retry },
    );
    for (const round of [0, 1, 2]) {
      await queues.add('download', { ...POISON, round });
      // BullMQ's count of lost workers, as after four of them.
      const jobKey = queues.queue('download').toKey(stageJobId('download', POISON, round));
      await queues.redis.hset(jobKey, 'stc', '4');
      const workers = new TestWorkers(crash.environment);
      workers.start('download', processor);
      const status = round < 2 ? 'retrying' : 'failed';
      await crash.videoIn(POISON, status);
      await eventually(
        'the failed job',
        async () => (await queues.jobs.counts('download')).failed === round + 1,
      );
      await workers.stop();
      await database.videos.claimRetry(POISON, round, 'download', { countsAsRound: true });
    }
    expect(await crash.video(POISON)).toMatchObject({
      round: 2,
      error: {
        class: 'poison',
        stage: 'download',
        message: expect.stringContaining('The worker died 4 times while it held this job.'),
      },
    });
    expect((await queues.jobs.counts('retry')).delayed).toBe(2);
  });
});

describe('what does not count as a crash', () => {
  test('stopping workers repeatedly fails no job', async () => {
    await crash.addDownloads(POISON);
    for (let stop = 0; stop < 4; stop += 1) {
      const worker = crash.run(
        { queues: ['download'], audio: { takesMs: 60_000 } },
        { SHUTDOWN_GRACE_SECONDS: '0.1' },
      );
      await crash.waitForAudioStarts(stop + 1);
      worker.kill('SIGTERM');
      expect(await worker.ended).toBe(0);
    }
    const [job] = await crash.environment.queues.queue('download').getPrioritized();
    expect(job).toMatchObject({ attemptsMade: 0, stalledCounter: 0 });
    crash.run();
    const rows = await crash.expectMirroredOnce(POISON);
    expect(rows.map(({ error_class: errorClass }) => errorClass)).toEqual([null, null, null]);
  });
});
