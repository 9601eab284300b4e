import { chmod, copyFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { videoDocumentId, type VideoKey } from '../../src/domain/video-key.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { keepLog } from '../support/log-lines.ts';
import { temporaryDirectory } from '../support/media-environment.ts';
import { startRealWorker } from '../support/real-workers.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

const FIRST: VideoKey = { provider: 'youtube', videoId: 'sample00001' };
const SECOND: VideoKey = { provider: 'youtube', videoId: 'sample00002' };
/** A version with known vulnerabilities. */
const OLD_YTDLP = '#!/bin/sh\necho 2025.01.01\n';
const OTHER_FFMPEG = '#!/bin/sh\necho "ffmpeg version 7.1"\n';

let directory: string;
let programs: { readonly ytDlp: string; readonly ffmpeg: string };
let environment: TestEnvironment;
let workers: TestWorkers;
let log: ReturnType<typeof keepLog>;

beforeEach(async () => {
  directory = await temporaryDirectory();
  programs = { ytDlp: path.join(directory, 'yt-dlp'), ffmpeg: path.join(directory, 'ffmpeg') };
  // Copies of the real programs that the test may remove.
  await writeProgram(programs.ytDlp, `#!/bin/sh\nexec '${process.env['YTDLP_PATH'] ?? 'yt-dlp'}' "$@"\n`);
  await writeProgram(programs.ffmpeg, '#!/bin/sh\nexec ffmpeg "$@"\n');
  environment = await openTestEnvironment({
    YTDLP_PATH: programs.ytDlp,
    FFMPEG_PATH: programs.ffmpeg,
    YTDLP_EXTRA_ARGS: process.env['SAMPLE_CHANNEL_EXTRA_ARGS'] ?? '',
    STAGING_MIN_FREE_BYTES: '0',
  });
  log = keepLog();
  workers = new TestWorkers(environment, log.logger);
  await environment.database.videos.discover(
    [FIRST, SECOND].map((key) => ({ key, url: `https://www.youtube.com/watch?v=${key.videoId}` })),
  );
  await startRealWorker('download', environment, workers, log.logger);
  await environment.queues.add('download', { ...FIRST, round: 0 });
  await downloaded(FIRST);
});

afterEach(async () => {
  await workers.stop();
  await environment.close();
  await rm(directory, { recursive: true, force: true });
});

async function writeProgram(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  await chmod(`${file}.new`, 0o755);
  await rename(`${file}.new`, file);
}

const downloaded = (key: VideoKey) =>
  eventually(
    `${key.videoId} to be downloaded`,
    () => environment.database.videos.find(key),
    (video) => video?.status === 'downloaded',
    60_000,
  );

test.each([
  ['yt-dlp is missing', 'ytDlp', undefined, /yt-dlp/],
  ['yt-dlp is too old', 'ytDlp', OLD_YTDLP, /yt-dlp 2025\.01\.01 is too old/],
  ['ffmpeg is missing', 'ffmpeg', undefined, /ffmpeg/],
  ['ffmpeg cannot make MP3s', 'ffmpeg', OTHER_FFMPEG, /no MP3 encoder/],
] as const)(
  'downloads pause when %s suddenly, and resume after the repair',
  async (_what, name, replacement, said) => {
    const program = programs[name];
    await copyFile(program, `${program}.kept`);
    if (replacement === undefined) await rm(program);
    else await writeProgram(program, replacement);

    await environment.queues.add('download', { ...SECOND, round: 0 });
    const [pause] = await eventually(
      'the pause',
      () => environment.queues.pauses.list(),
      (pauses) => pauses.length > 0,
      60_000,
    );
    expect(pause).toMatchObject({ queue: 'download', kind: 'fault', class: 'tool_missing' });
    expect(pause?.reason).toMatch(said);
    const from = Date.now();
    await eventually('several probes', () => Date.now() - from > 1_500);
    expect(log.lines.filter((line) => line.includes('Intake paused'))).toHaveLength(1);
    expect(await environment.queues.jobs.counts('download')).toMatchObject({ failed: 0, completed: 1 });

    await rename(`${program}.kept`, program);
    await downloaded(SECOND);
    const rows = await environment.database.attempts.ofVideo(videoDocumentId(SECOND), 10);
    expect(rows.map(({ status, attempt }) => [status, attempt])).toEqual([['success', 1]]);
    await eventually('no pause', async () => (await environment.queues.pauses.list()).length === 0);
  },
);
