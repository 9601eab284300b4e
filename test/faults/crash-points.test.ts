import { STAGES, type Stage } from '../../src/domain/video-status.ts';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { VideoKey } from '../../src/domain/video-key.ts';
import type { Death } from '../support/crashing-worker-plan.ts';
import { CrashSetting } from '../support/crashing-worker-setting.ts';

const KEY: VideoKey = { provider: 'youtube', videoId: 'CrAsH-00001' };

let crash: CrashSetting;

beforeEach(async () => {
  crash = await CrashSetting.open();
  await crash.discover(KEY);
});

afterEach(() => crash.close());

/** How things stand between the two processes: proves that the first one died where it should. */
interface Between {
  readonly status: string;
  readonly staged: number;
  readonly objects: number;
  readonly blobs: number;
}

async function between(): Promise<Between> {
  const { bucket, mirror } = await crash.objects();
  const staged = (await crash.stagedFiles()).filter((file) => file.endsWith('.mp3'));
  return {
    status: (await crash.video(KEY))?.status ?? 'unknown',
    staged: staged.length,
    objects: bucket.length,
    blobs: mirror.length,
  };
}

const NONE = { staged: 0, objects: 0, blobs: 0 };
/** The mirror may begin while the upload still deletes its staged file, which the next start does at the latest. */
const MIRRORING = { staged: expect.any(Number) as unknown as number, objects: 1, blobs: 0 };

interface Row {
  readonly step: string;
  readonly stage: Stage;
  readonly death: Death;
  readonly between: Between;
  /** The attempts in the log at the end: a run that was killed before its row leaves none. */
  readonly attempts: readonly string[];
}

const ROWS: readonly Row[] = [
  {
    step: 'the file is staged, the attempt not yet logged',
    stage: 'download',
    death: { part: 'audio', method: 'produce', moment: 'after' },
    between: { ...NONE, status: 'discovered', staged: 1 },
    attempts: ['download', 'upload', 'sync'],
  },
  {
    step: 'the download is logged, the fact not yet written',
    stage: 'download',
    death: { part: 'videos', method: 'markDownloaded', moment: 'before' },
    between: { ...NONE, status: 'discovered', staged: 1 },
    attempts: ['download', 'download', 'upload', 'sync'],
  },
  {
    step: 'the download is written down, the upload job not yet added',
    stage: 'download',
    death: { part: 'videos', method: 'markDownloaded', moment: 'after' },
    between: { ...NONE, status: 'downloaded', staged: 1 },
    attempts: ['download', 'upload', 'sync'],
  },
  {
    step: 'the upload job is added, the download job not yet finished',
    stage: 'download',
    death: { part: 'queues', method: 'addStage', moment: 'after' },
    between: { ...NONE, status: 'downloaded', staged: 1 },
    attempts: ['download', 'upload', 'sync'],
  },
  {
    step: 'the object is half sent',
    stage: 'upload',
    death: { part: 'bucket', method: 'putFile', moment: 'during' },
    between: { ...NONE, status: 'downloaded', staged: 1 },
    attempts: ['download', 'upload', 'sync'],
  },
  {
    step: 'the object is put, the attempt not yet logged',
    stage: 'upload',
    death: { part: 'bucket', method: 'putFile', moment: 'after' },
    between: { ...NONE, status: 'downloaded', staged: 1, objects: 1 },
    attempts: ['download', 'upload', 'sync'],
  },
  {
    step: 'the upload is logged, the fact not yet written',
    stage: 'upload',
    death: { part: 'videos', method: 'markStored', moment: 'before' },
    between: { ...NONE, status: 'downloaded', staged: 1, objects: 1 },
    attempts: ['download', 'upload', 'upload', 'sync'],
  },
  {
    step: 'the upload is written down, the sync job not yet added',
    stage: 'upload',
    death: { part: 'videos', method: 'markStored', moment: 'after' },
    between: { ...NONE, status: 'stored', staged: 1, objects: 1 },
    attempts: ['download', 'upload', 'sync'],
  },
  {
    step: 'the sync job is added, the staged file not yet deleted',
    stage: 'upload',
    death: { part: 'queues', method: 'addStage', moment: 'after', call: 2 },
    between: { ...NONE, status: 'stored', staged: 1, objects: 1 },
    attempts: ['download', 'upload', 'sync'],
  },
  {
    step: 'the staged file is deleted, the upload job not yet finished',
    stage: 'upload',
    death: { part: 'staging', method: 'removeStaged', moment: 'after' },
    between: { ...NONE, status: 'stored', objects: 1 },
    attempts: ['download', 'upload', 'sync'],
  },
  {
    step: 'the blob is about to be sent',
    stage: 'sync',
    death: { part: 'mirror', method: 'putBlob', moment: 'before' },
    between: { ...MIRRORING, status: 'stored' },
    attempts: ['download', 'upload', 'sync'],
  },
  {
    step: 'the blob is half sent',
    stage: 'sync',
    death: { part: 'mirror', method: 'putBlob', moment: 'during' },
    between: { ...MIRRORING, status: 'stored' },
    attempts: ['download', 'upload', 'sync'],
  },
  {
    step: 'the blob is committed, the attempt not yet logged',
    stage: 'sync',
    death: { part: 'mirror', method: 'putBlob', moment: 'after' },
    between: { ...MIRRORING, status: 'stored', blobs: 1 },
    attempts: ['download', 'upload', 'sync'],
  },
  {
    step: 'the mirror is logged, the fact not yet written',
    stage: 'sync',
    death: { part: 'videos', method: 'markMirrored', moment: 'before' },
    between: { ...MIRRORING, status: 'stored', blobs: 1 },
    attempts: ['download', 'upload', 'sync', 'sync'],
  },
  {
    step: 'the mirror is written down, the sync job not yet finished',
    stage: 'sync',
    death: { part: 'videos', method: 'markMirrored', moment: 'after' },
    between: { ...MIRRORING, status: 'mirrored', blobs: 1 },
    attempts: ['download', 'upload', 'sync'],
  },
];

describe('a worker killed between two systems', () => {
  test.each(ROWS)('$step', async (row) => {
    await crash.setting.queues.addStage('download', KEY, 0);
    // Without the stages that come after, which would go on while it dies.
    await crash.runUntilDeath(row.death, { queues: STAGES.slice(0, STAGES.indexOf(row.stage) + 1) });
    expect(await between()).toEqual(row.between);

    crash.run();
    const rows = await crash.expectMirroredOnce(KEY);
    const successes = rows.filter(({ status }) => status === 'success');
    expect(successes.map(({ stage }) => stage)).toEqual(row.attempts);
    // All that failed is the attempt whose worker was killed.
    const failures = rows.filter(({ status }) => status === 'failed');
    expect(failures.map(({ error_class: errorClass }) => errorClass)).toEqual(
      failures.map(() => 'worker_lost'),
    );
    expect(failures.length).toBeLessThanOrEqual(1);
    // Whatever was staged is not made a second time.
    expect(crash.beginnings()).toHaveLength(1);
    expect(await crash.video(KEY)).toMatchObject({ round: 0, retry_attempts: 0 });
  });
});
