import { STAGES, type Stage } from '../../src/domain/video-status.ts';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Config } from '../../src/config/config.ts';
import type { VideoKey } from '../../src/domain/video-key.ts';
import { CrashEnvironment } from '../support/crash-environment.ts';
import type { KillPoint, TestWorkerPlan } from '../support/test-worker-plan.ts';

const KEY: VideoKey = { provider: 'youtube', videoId: 'CrAsH-00001' };

let crash: CrashEnvironment;

afterEach(() => crash.close());

/** What exists after the kill: it proves that the first process was killed at the right step. */
interface StateAfterKill {
  readonly status: string;
  readonly staged: number;
  readonly objects: number;
  readonly blobs: number;
}

async function stateAfterKill(): Promise<StateAfterKill> {
  const { bucket, mirror } = await crash.objects();
  const staged = await Array.fromAsync(crash.staging.listStaged());
  return {
    status: (await crash.video(KEY))?.status ?? 'unknown',
    staged: staged.length,
    objects: bucket.length,
    blobs: mirror.length,
  };
}

interface Row {
  readonly step: string;
  readonly kill: KillPoint;
  /** Nothing else exists. */
  readonly left: Partial<StateAfterKill>;
  /** Of the audio; small if left out. */
  readonly sizeBytes?: number;
  /** From this size on, files are sent and objects copied in parts of 5 MiB. */
  readonly multipartFromBytes?: number;
  /** The killed attempt had been logged as successful already, so that its stage has two such rows. */
  readonly isLogged?: true;
  /** What was not staged whole is downloaded again. */
  readonly isDownloadedAgain?: true;
}

/** Large enough for three parts. */
const IN_PARTS = { sizeBytes: 12 * 1024 ** 2, multipartFromBytes: 6 * 1024 ** 2 };

/** Those of both forms of staging. */
const ROWS: Readonly<Record<Stage, readonly Row[]>> = {
  download: [
    {
      step: 'the file is staged, before the attempt is logged',
      kill: { part: 'audio', method: 'produce', moment: 'after' },
      left: { status: 'discovered', staged: 1 },
    },
    {
      step: 'the download is logged, before the video is marked',
      kill: { part: 'videos', method: 'markDownloaded', moment: 'before' },
      left: { status: 'discovered', staged: 1 },
      isLogged: true,
    },
    {
      step: 'the video is marked as downloaded, before its upload job is added',
      kill: { part: 'videos', method: 'markDownloaded', moment: 'after' },
      left: { status: 'downloaded', staged: 1 },
    },
    {
      step: 'the upload job is added, before the download job is finished',
      kill: { part: 'queues', method: 'add', moment: 'after' },
      left: { status: 'downloaded', staged: 1 },
    },
  ],
  upload: [
    {
      step: 'the upload is logged, before the video is marked',
      kill: { part: 'videos', method: 'markStored', moment: 'before' },
      left: { status: 'downloaded', staged: 1, objects: 1 },
      isLogged: true,
    },
    {
      step: 'the video is marked as stored, before its sync job is added',
      kill: { part: 'videos', method: 'markStored', moment: 'after' },
      left: { status: 'stored', staged: 1, objects: 1 },
    },
    {
      step: 'the sync job is added, before the staged file is deleted',
      kill: { part: 'queues', method: 'add', moment: 'after', call: 2 },
      left: { status: 'stored', staged: 1, objects: 1 },
    },
    {
      step: 'the staged file is deleted, before the upload job is finished',
      kill: { part: 'staging', method: 'removeStaged', moment: 'after' },
      left: { status: 'stored', objects: 1 },
    },
  ],
  sync: [
    {
      step: 'the blob is about to be sent',
      kill: { part: 'mirror', method: 'putBlob', moment: 'before' },
      left: { status: 'stored' },
    },
    {
      step: 'the blob is half sent',
      kill: { part: 'mirror', method: 'putBlob', moment: 'during' },
      left: { status: 'stored' },
      // A small blob is sent in one piece.
      sizeBytes: 8 * 1024 ** 2,
    },
    {
      step: 'the blob is committed, before the attempt is logged',
      kill: { part: 'mirror', method: 'putBlob', moment: 'after' },
      left: { status: 'stored', blobs: 1 },
    },
    {
      step: 'the sync is logged, before the video is marked',
      kill: { part: 'videos', method: 'markMirrored', moment: 'before' },
      left: { status: 'stored', blobs: 1 },
      isLogged: true,
    },
    {
      step: 'the video is marked as mirrored, before the sync job is finished',
      kill: { part: 'videos', method: 'markMirrored', moment: 'after' },
      left: { status: 'mirrored', blobs: 1 },
    },
  ],
};

const DIRECTORY_ROWS: Readonly<Record<Stage, readonly Row[]>> = {
  download: [],
  upload: [
    {
      step: 'the object is half sent',
      kill: { part: 'bucket', method: 'putFile', moment: 'during' },
      left: { status: 'downloaded', staged: 1 },
    },
    {
      step: 'the object is put, before the attempt is logged',
      kill: { part: 'bucket', method: 'putFile', moment: 'after' },
      left: { status: 'downloaded', staged: 1, objects: 1 },
    },
  ],
  sync: [],
};

const BUCKET_ROWS: Readonly<Record<Stage, readonly Row[]>> = {
  download: [
    {
      step: 'the audio is half sent to staging',
      kill: { part: 'bucket', method: 'putFile', moment: 'during' },
      left: { status: 'discovered' },
      isDownloadedAgain: true,
    },
    {
      step: 'the audio is half sent to staging, in parts',
      kill: { part: 'bucket', method: 'putFile', moment: 'during', call: 30 },
      left: { status: 'discovered' },
      ...IN_PARTS,
      isDownloadedAgain: true,
    },
    {
      step: 'the audio is in the bucket, before it is described',
      kill: { part: 'bucket', method: 'putFile', moment: 'after' },
      left: { status: 'discovered' },
      isDownloadedAgain: true,
    },
    {
      step: 'the audio is described, before its download ends',
      kill: { part: 'bucket', method: 'putText', moment: 'after' },
      left: { status: 'discovered', staged: 1 },
    },
  ],
  upload: [
    {
      step: 'the object is about to be copied',
      kill: { part: 'bucket', method: 'copyObject', moment: 'before' },
      left: { status: 'downloaded', staged: 1 },
    },
    {
      step: 'the object is half copied',
      kill: { part: 'bucket', method: 'copyObject', moment: 'during' },
      left: { status: 'downloaded', staged: 1 },
      ...IN_PARTS,
    },
    {
      step: 'the object is copied, before the attempt is logged',
      kill: { part: 'bucket', method: 'copyObject', moment: 'after' },
      left: { status: 'downloaded', staged: 1, objects: 1 },
    },
    {
      step: 'the description of the staged audio is deleted, before the audio',
      kill: { part: 'bucket', method: 'remove', moment: 'after' },
      left: { status: 'stored', objects: 1 },
    },
  ],
  sync: [],
};

/** The sync may start while the upload still deletes its staged file, which the next start does at the latest. */
const LEFT_IN_SYNC = { staged: expect.any(Number), objects: 1 };

const FORMS: readonly [Config['staging']['form'], typeof ROWS][] = [
  ['directory', DIRECTORY_ROWS],
  ['s3', BUCKET_ROWS],
];

describe.each(FORMS)('with staging as %s', (form, ownRows) => {
  beforeEach(async () => {
    crash = await CrashEnvironment.open({ STAGING: form });
  });

  describe.each(form === 's3' ? (['download', 'upload'] as const) : STAGES)(
    'a worker that is killed in a %s job',
    (stage) => {
      test.each([...ROWS[stage], ...ownRows[stage]])(
        'loses and repeats nothing when $step',
        async ({ kill, left, isLogged, isDownloadedAgain, sizeBytes = 64 * 1024, ...parts }) => {
          await crash.addDownloads(KEY);
          // Without the later stages, which would continue during the kill.
          const stages = STAGES.slice(0, STAGES.indexOf(stage) + 1);
          await crash.runUntilKill(kill, { queues: stages, audio: { sizeBytes }, ...multipartOf(parts) });
          expect(await stateAfterKill()).toEqual({
            ...{ staged: 0, objects: 0, blobs: 0 },
            ...(stage === 'sync' && LEFT_IN_SYNC),
            ...left,
          });

          crash.run({ audio: { sizeBytes }, ...multipartOf(parts) });
          const rows = await crash.expectMirroredOnce(KEY, sizeBytes);
          const successes = rows.filter(({ status }) => status === 'success');
          expect(successes.map((row) => row.stage)).toEqual(
            STAGES.flatMap((each) => (each === stage && isLogged ? [each, each] : [each])),
          );
          // The only failure is the attempt whose worker was killed.
          const failures = rows.filter(({ status }) => status === 'failed');
          expect(failures.map(({ error_class: errorClass }) => errorClass)).toEqual(
            failures.map(() => 'worker_lost'),
          );
          expect(failures.length).toBeLessThanOrEqual(1);
          // A staged file is not downloaded again.
          expect(crash.audioStarts()).toHaveLength(isDownloadedAgain ? 2 : 1);
          expect(await crash.video(KEY)).toMatchObject({ round: 0, retry_attempts: 0 });
        },
      );
    },
  );
});

/** The next worker sends files as the killed one did. */
function multipartOf({ multipartFromBytes }: Pick<Row, 'multipartFromBytes'>): Partial<TestWorkerPlan> {
  return multipartFromBytes === undefined ? {} : { multipartFromBytes };
}
