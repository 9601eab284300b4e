import { execFile } from 'node:child_process';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { videoDocumentId, type VideoKey } from '../../src/domain/video-key.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { keepLog } from '../support/log-lines.ts';
import { filesBelow } from '../support/media-environment.ts';
import { startRealWorker } from '../support/real-workers.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

const run = promisify(execFile);
const KEY: VideoKey = { provider: 'youtube', videoId: 'sample00001' };
const DISK_BYTES = 48 * 1024 ** 2;

/** Only root may mount the small disk that these tests fill. */
const canMount = process.getuid?.() === 0 && process.platform === 'linux';
if (!canMount) {
  process.stderr.write('SKIPPED: the tests of a full disk need root, to mount a small file system.\n');
}

(canMount ? describe : describe.skip)('a disk that is full', () => {
  let environment: TestEnvironment;
  let staging: string;
  let workers: TestWorkers;
  let log: ReturnType<typeof keepLog>;

  async function open(overrides: Readonly<Record<string, string>>): Promise<void> {
    environment = await openTestEnvironment({
      YTDLP_EXTRA_ARGS: process.env['SAMPLE_CHANNEL_EXTRA_ARGS'] ?? '',
      ...overrides,
    });
    staging = environment.config.staging.directory;
    await mkdir(staging, { recursive: true });
    await run('mount', ['-t', 'tmpfs', '-o', `size=${String(DISK_BYTES)}`, 'tmpfs', staging]);
    log = keepLog();
    workers = new TestWorkers(environment, log.logger);
    await environment.database.videos.discover([
      { key: KEY, url: `https://www.youtube.com/watch?v=${KEY.videoId}` },
    ]);
    await startRealWorker('download', environment, workers, log.logger);
  }

  beforeEach(() => {
    staging = '';
  });

  afterEach(async () => {
    await workers.stop();
    if (staging !== '') await run('umount', ['--lazy', staging]);
    await environment.close();
  });

  const filler = () => path.join(staging, 'filler');

  /** Fills the disk except for so many bytes. */
  async function fill(leave: number): Promise<void> {
    const { bavail, bsize } = await statfs(staging);
    await writeFile(filler(), Buffer.alloc(bavail * bsize - leave));
  }

  async function expectPauseAndRecovery(reason: RegExp): Promise<void> {
    await environment.queues.add('download', { ...KEY, round: 0 });
    const [pause] = await eventually(
      'the pause',
      () => environment.queues.pauses.list(),
      (pauses) => pauses.length > 0,
      60_000,
    );
    expect(pause).toMatchObject({ kind: 'fault', class: 'disk_full' });
    expect(pause?.reason).toMatch(reason);
    const from = Date.now();
    await eventually('several probes', () => Date.now() - from > 1_500);
    expect(log.lines.filter((line) => line.includes('Intake paused'))).toHaveLength(1);
    // No incomplete files keep the disk full; those of a try that is under way are there for a moment.
    await eventually(
      'only the file that fills the disk',
      async () => (await filesBelow(staging)).filter((name) => !name.startsWith('.staging-id')),
      (names) => names.length === 1 && names[0] === 'filler',
    );

    await rm(filler());
    await eventually(
      'the download',
      () => environment.database.videos.find(KEY),
      (video) => video?.status === 'downloaded',
      60_000,
    );
    const rows = await environment.database.attempts.ofVideo(videoDocumentId(KEY), 10);
    expect(rows.map(({ status, attempt }) => [status, attempt])).toEqual([['success', 1]]);
    await eventually('no pause', async () => (await environment.queues.pauses.list()).length === 0);
  }

  test('during a download pauses downloads, and leaves nothing incomplete', async () => {
    await open({ STAGING_MIN_FREE_BYTES: '0' });
    await fill(100_000);
    await expectPauseAndRecovery(/space/i);
  });

  test('below its minimum of free space because of foreign files is an operator error; no download is started', async () => {
    await open({ STAGING_MIN_FREE_BYTES: String(32 * 1024 ** 2) });
    await fill(20 * 1024 ** 2);
    await expectPauseAndRecovery(/STAGING_MIN_FREE_BYTES/);
  });
});
