import { symlink } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FLAKY_VIDEO_ID, PRIVATE_VIDEO_ID } from '../../local/sample-channel/sample-videos.ts';
import { PLAYLIST_IDS } from '../../local/sample-channel/fixed-playlists.ts';
import type { ControlAction } from '../../local/sample-channel/control.ts';
import { controlSampleChannel } from '../../local/sample-channel/control-client.ts';
import type { SpawnedSampleChannel } from '../../local/sample-channel/spawn-sample-channel.ts';
import { openAzureStore, openMinioStore } from '../../src/storage/open-stores.ts';
import { checksumStream } from '../../src/storage/checksums.ts';
import type { ObjectInfo } from '../../src/storage/object-store.ts';
import { eventually } from '../support/eventually.ts';
import { listAll } from '../contract/test-stores.ts';
import { childrenOf, isAlive } from '../support/process-tree.ts';
import { Programs, type Program } from '../support/program.ts';
import { openSampleChannel } from '../support/sample-channel.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

const SLOW_ID = 'sample00001';
const never = new AbortController().signal;

let channel: SpawnedSampleChannel;
let environment: TestEnvironment;
let programs: Programs;

beforeEach(async () => {
  programs = new Programs();
  channel = await openSampleChannel();
  environment = await openTestEnvironment({
    YTDLP_EXTRA_ARGS: channel.extraArguments,
    SHUTDOWN_GRACE_SECONDS: '1',
  });
});

afterEach(async () => {
  await programs.end();
  await Promise.all([channel.close(), environment.close()]);
});

const run = (name: string, args: readonly string[]): Program => programs.start(name, args, environment);

const control = (action: ControlAction) => controlSampleChannel(channel.controlUrl, action);

const counts = () => environment.database.overview.countByStatus();
const allDone = (mirrored: number) =>
  eventually('everything in the mirror', counts, (found) => found.mirrored === mirrored, 50_000);

async function everyObject(): Promise<Record<'bucket' | 'peaks' | 'container', ObjectInfo[]>> {
  const { config } = environment;
  if (config.azure === undefined) throw new Error('The tests need an Azure.');
  return {
    bucket: await listAll(openMinioStore(config.minio, config.storage), 'audio/'),
    peaks: await listAll(openMinioStore(config.minio, config.storage), 'peaks/'),
    container: await listAll(openAzureStore(config.azure, config.storage)),
  };
}

describe('the whole pipeline', () => {
  test('two playlists become checked MP3s in the bucket and the mirror, shared by two workers', async () => {
    const workers = [run('worker', []), run('worker', [])];
    const enqueue = run('enqueue', [PLAYLIST_IDS.stories, PLAYLIST_IDS.songs]);
    expect(await enqueue.ended).toBe(0);
    expect(await allDone(12)).toMatchObject({ failed: 1, mirrored: 12, discovered: 0, retrying: 0 });

    const { bucket, peaks, container } = await everyObject();
    expect([bucket.length, peaks.length]).toEqual([12, 12]);
    // Peaks can be made again, so the mirror has none.
    expect(container.map(({ name }) => name).sort()).toEqual(bucket.map(({ name }) => name).sort());
    const store = openMinioStore(environment.config.minio, environment.config.storage);
    const seenBy = new Set<string>();
    for (const { name } of bucket) {
      const videoId = path.basename(name, '.mp3');
      const video = await environment.database.videos.find({ provider: 'youtube', videoId });
      expect(video).toMatchObject({
        status: 'mirrored',
        audio: { key: name, codec: 'mp3', bitrate: 320_000, sample_rate: 44_100 },
        mirror: { name },
      });
      const { stream } = await store.openRead(name, { signal: never });
      const sums = await checksumStream(stream, never);
      expect(video?.audio).toMatchObject({ md5: sums.md5, sha256: sums.sha256, size: sums.sizeBytes });
      expect(container.find((blob) => blob.name === name)).toMatchObject({
        md5: sums.md5,
        sizeBytes: sums.sizeBytes,
      });
      for (const row of await environment.database.attempts.ofVideo(`youtube.${videoId}`, 50))
        seenBy.add(row.worker);
    }
    expect(seenBy.size).toBe(2);

    const flaky = await environment.database.attempts.ofVideo(`youtube.${FLAKY_VIDEO_ID}`, 50);
    expect(flaky.filter(({ status }) => status === 'failed')).toHaveLength(2);
    const privateVideo = await environment.database.videos.find({
      provider: 'youtube',
      videoId: PRIVATE_VIDEO_ID,
    });
    expect(privateVideo).toMatchObject({ status: 'failed', error: { class: 'private', stage: 'download' } });

    const again = run('enqueue', [PLAYLIST_IDS.stories, PLAYLIST_IDS.songs, '--json']);
    expect(await again.ended).toBe(0);
    expect(await counts()).toMatchObject({ mirrored: 12, failed: 1, discovered: 0 });
    expect(await environment.queues.jobs.counts('download')).toMatchObject({ waiting: 0, active: 0 });

    for (const worker of workers) worker.kill('SIGTERM');
    expect(await Promise.all(workers.map((worker) => worker.ended))).toEqual([0, 0]);
  });

  test('a failed video is listed with advice and started again by the retry command', async () => {
    run('worker', []);
    expect(await run('enqueue', [`https://youtu.be/${PRIVATE_VIDEO_ID}`]).ended).toBe(0);
    await eventually('the failure', counts, ({ failed }) => failed === 1, 30_000);

    const list = run('retry', []);
    expect(await list.ended).toBe(0);
    expect(list.stdout()).toContain('private (1)');
    expect(list.stdout()).toContain('The owner made it private.');

    await control({ action: 'video-fault', videoId: PRIVATE_VIDEO_ID, fault: null });
    const retry = run('retry', ['--class', 'private']);
    expect(await retry.ended).toBe(0);
    expect(retry.stdout()).toContain('Retrying 1 failed videos.');
    await allDone(1);
    const video = await environment.database.videos.find({ provider: 'youtube', videoId: PRIVATE_VIDEO_ID });
    expect(video).toMatchObject({ round: 1, first_round: 1, retry_attempts: 1 });
  });
});

describe('stopping a worker', () => {
  /** Starts a download that would take minutes, and waits for its first bytes. */
  async function slowDownload(): Promise<Program> {
    await control({
      action: 'video-fault',
      videoId: SLOW_ID,
      fault: { kind: 'media-slow', bytesPerSecond: 2_048 },
    });
    expect(await run('enqueue', [SLOW_ID]).ended).toBe(0);
    const worker = run('worker', ['download']);
    const queue = environment.queues.queue('download');
    await eventually(
      'a download under way',
      async () => (await queue.getActive()).map((job) => job.progress),
      (progress) => JSON.stringify(progress).includes('"stage":"fetch"'),
      30_000,
    );
    return worker;
  }

  test('SIGTERM: child processes end, the job waits again with no attempt counted, exit 0, and another worker continues', async () => {
    const worker = await slowDownload();
    const pids = childrenOf(worker.pid);
    expect(pids.length).toBeGreaterThan(0);
    worker.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
    // Among them is the guard, which ends after the worker.
    await eventually(
      'the end of all children',
      () => pids.filter(isAlive),
      ({ length }) => length === 0,
      5_000,
    );
    const [job] = await environment.queues.queue('download').getPrioritized();
    expect(job).toMatchObject({ attemptsMade: 0 });
    expect(await environment.database.attempts.ofVideo(`youtube.${SLOW_ID}`, 10)).toEqual([]);

    await control({ action: 'video-fault', videoId: SLOW_ID, fault: null });
    run('worker', []);
    await allDone(1);
  });

  test('SIGKILL: another worker takes over the job and the video is stored once', async () => {
    const worker = await slowDownload();
    worker.kill('SIGKILL');
    await worker.ended;
    await control({ action: 'video-fault', videoId: SLOW_ID, fault: null });
    run('worker', []);
    await allDone(1);
    expect((await everyObject()).bucket).toHaveLength(1);
    expect(await environment.database.videos.find({ provider: 'youtube', videoId: SLOW_ID })).toMatchObject({
      round: 0,
    });
  });
});

describe('starting a worker', () => {
  test('without yt-dlp downloads are paused with the reason, the other queues work, and downloads start once it is installed', async () => {
    const program = path.join(environment.directory, 'yt-dlp');
    programs.start('worker', [], {
      variables: { ...environment.variables, YTDLP_PATH: program },
      directory: environment.directory,
    });
    const pauses = () => environment.queues.pauses.list();
    const [pause] = await eventually('the pause', pauses, ({ length }) => length > 0, 30_000);
    expect(pause).toMatchObject({ queue: 'download', class: 'tool_missing', kind: 'fault' });
    // Reconcile runs at start: the maintenance queue does not wait for the downloads.
    await eventually(
      'a maintenance job done',
      () => environment.queues.jobs.counts('maintenance'),
      ({ completed }) => completed > 0,
      30_000,
    );

    expect(await run('enqueue', [SLOW_ID]).ended).toBe(0);
    await symlink(environment.config.media.ytDlpPath, program);
    await allDone(1);
    expect(await pauses()).toEqual([]);
  });
});
