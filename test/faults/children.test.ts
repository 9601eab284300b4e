import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { controlSampleChannel } from '../../local/sample-channel/control-client.ts';
import type { VideoFault } from '../../local/sample-channel/faults.ts';
import type { SpawnedSampleChannel } from '../../local/sample-channel/spawn-sample-channel.ts';
import type { VideoKey } from '../../src/domain/video-key.ts';
import { CrashEnvironment } from '../support/crash-environment.ts';
import { eventually } from '../support/eventually.ts';
import { childrenOf, descendantsOf, isAlive } from '../support/process-tree.ts';
import type { Program } from '../support/program.ts';
import { openSampleChannel } from '../support/sample-channel.ts';
import { hangingBody, writeStubProgram } from '../support/stub-programs/stub-program.ts';

const KEY: VideoKey = { provider: 'youtube', videoId: 'sample00001' };
const REAL = { audio: { kind: 'real' as const } };

let channel: SpawnedSampleChannel;
let crash: CrashEnvironment;

beforeEach(async () => {
  channel = await openSampleChannel();
  crash = await CrashEnvironment.open({
    YTDLP_EXTRA_ARGS: channel.extraArguments,
    DOWNLOAD_STALL_SECONDS: '60',
  });
});

afterEach(async () => {
  await crash.close();
  await channel.close();
});

const setFault = (fault: VideoFault | null) =>
  controlSampleChannel(channel.controlUrl, { action: 'video-fault', videoId: KEY.videoId, fault });

/** The command lines of the processes below a worker: its programs and its guard. */
async function programsOf(worker: Program): Promise<{ pid: number; command: string }[]> {
  return await Promise.all(
    descendantsOf(worker.pid).map(async (pid) => ({
      pid,
      command: (await readFile(`/proc/${String(pid)}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' '),
    })),
  );
}

/** Starts a worker with a download that would take minutes. @returns it and its child processes. */
async function slowDownload() {
  await setFault({ kind: 'media-slow', bytesPerSecond: 2_048 });
  await crash.addDownloads(KEY);
  const worker = crash.run({ ...REAL, queues: ['download'] });
  await eventually(
    'bytes that flow',
    async () => {
      const jobs = await crash.environment.queues.queue('download').getActive();
      return JSON.stringify(jobs.map((job) => job.progress));
    },
    (progress) => progress.includes('"stage":"fetch"'),
    30_000,
  );
  const programs = await programsOf(worker);
  // The resident yt-dlp has forked it, and so has the same command line.
  const downloads = programs.filter(
    ({ pid, command }) => command.includes('yt-dlp') && childrenOf(pid).length === 0,
  );
  const guards = programs.filter(({ command }) => command.startsWith('/bin/sh'));
  expect([downloads.length, guards.length]).toEqual([1, 1]);
  return { worker, download: downloads[0]?.pid ?? 0, guard: guards[0]?.pid ?? 0 };
}

const workDirectories = async () =>
  (await crash.stagedFiles()).filter((file) => file.startsWith(`work${path.sep}`));
const allGone = (pids: readonly number[]) =>
  eventually(
    'the end of all children',
    () => pids.filter(isAlive),
    (alive) => alive.length === 0,
  );

describe('child processes of a worker that is killed', () => {
  test('during a download: the guard ends them, the next start cleans up, the job is done once', async () => {
    const { worker, download, guard } = await slowDownload();
    worker.kill('SIGKILL');
    await worker.ended;
    await allGone([download, guard]);
    expect((await workDirectories()).length).toBeGreaterThan(0);

    await setFault(null);
    const next = crash.run(REAL);
    const video = await crash.videoIn(KEY, 'mirrored');
    expect(next.stderr()).toContain('Removed the work directories of dead workers');
    const rows = await crash.expectMirroredOnce(KEY, video?.audio?.size);
    const successes = rows.filter(({ status }) => status === 'success');
    expect(successes.map(({ stage }) => stage)).toEqual(['download', 'upload', 'sync']);
  });

  test('during a conversion: processes that ignore SIGTERM and their own children end as well', async () => {
    const pidFile = path.join(crash.environment.directory, 'pids.json');
    await mkdir(crash.environment.directory, { recursive: true });
    const stub = await writeStubProgram(crash.environment.directory, 'ffmpeg', hangingBody(pidFile, true));
    const worker = crash.run({ ...REAL, queues: ['download'] }, { FFMPEG_PATH: stub });
    await crash.addDownloads(KEY);
    const text = await eventually(
      'the conversion',
      () => readFile(pidFile, 'utf8').catch(() => ''),
      (found) => found.endsWith(']'),
      30_000,
    );
    const pids = JSON.parse(text) as number[];
    expect(pids.filter(isAlive)).toHaveLength(2);
    worker.kill('SIGKILL');
    await worker.ended;
    await allGone(pids);

    crash.run(REAL);
    const video = await crash.videoIn(KEY, 'mirrored');
    await crash.expectMirroredOnce(KEY, video?.audio?.size);
  });

  test('together with its guard: the next worker ends them before it starts', async () => {
    const { worker, download, guard } = await slowDownload();
    // A stopped process (SIGSTOP) notices nothing and does not end by itself.
    process.kill(download, 'SIGSTOP');
    process.kill(guard, 'SIGKILL');
    worker.kill('SIGKILL');
    await worker.ended;
    expect(isAlive(download)).toBe(true);

    await setFault(null);
    crash.run({ ...REAL, queues: ['download'] });
    await allGone([download]);
    await crash.videoIn(KEY, 'downloaded');
    expect(await workDirectories()).toEqual([]);
  });
});
