import type { VideoDocument } from '../../src/database/collections/video.ts';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { PLAYLIST_IDS } from '../../local/sample-channel/fixed-playlists.ts';
import type { SpawnedSampleChannel } from '../../local/sample-channel/spawn-sample-channel.ts';
import type { ObjectInfo } from '../../src/storage/object-store.ts';
import { openAzureStore, openMinioStore } from '../../src/storage/open-stores.ts';
import { eventually } from '../support/eventually.ts';
import { listAll } from '../contract/test-stores.ts';
import { startOwnServer, type OwnServer } from '../support/own-server.ts';
import { Programs, type Program } from '../support/program.ts';
import { openSampleChannel } from '../support/sample-channel.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

const LONG_MS = 120_000;
const VIDEOS = 12;

/** A separate Redis, as this test empties it. */
let server: OwnServer;
let redis: Redis;
let channel: SpawnedSampleChannel;
let environment: TestEnvironment;
let programs: Programs;

beforeAll(async () => {
  server = await startOwnServer('redis');
  redis = new Redis(server.url);
}, LONG_MS);

afterAll(async () => {
  redis.disconnect();
  await server.close();
});

beforeEach(async () => {
  programs = new Programs();
  channel = await openSampleChannel();
  environment = await openTestEnvironment({
    REDIS_URL: server.url,
    YTDLP_EXTRA_ARGS: channel.extraArguments,
    RECONCILE_INTERVAL_SECONDS: '2',
    SHUTDOWN_GRACE_SECONDS: '1',
  });
});

afterEach(async () => {
  await programs.end();
  await Promise.all([channel.close(), environment.close()]);
});

const run = (name: string, args: readonly string[]): Program => programs.start(name, args, environment);

const counts = () => environment.database.overview.countByStatus();
const everyVideo = () =>
  environment.database.connection.collection<VideoDocument>('videos').find({}).sort({ _id: 1 }).toArray();

async function objectNames(): Promise<{ bucket: string[]; container: string[] }> {
  const { config } = environment;
  if (config.azure === undefined) throw new Error('The tests need an Azure.');
  const names = (objects: readonly ObjectInfo[]) => objects.map(({ name }) => name).sort();
  return {
    // Peaks stand beside the audio and are not mirrored.
    bucket: names(await listAll(openMinioStore(config.minio, config.storage))).filter((name) =>
      name.startsWith('audio/'),
    ),
    container: names(await listAll(openAzureStore(config.azure, config.storage))),
  };
}

test(
  'FLUSHALL while workers run: reconcile adds the jobs again, and every video is mirrored once',
  async () => {
    run('worker', []);
    run('worker', []);
    expect(await run('enqueue', [PLAYLIST_IDS.stories, PLAYLIST_IDS.songs]).ended).toBe(0);
    await eventually('some in the mirror', counts, ({ mirrored }) => mirrored >= 3, LONG_MS);
    await redis.flushall();

    const isDone = ({ mirrored, failed }: Awaited<ReturnType<typeof counts>>) =>
      mirrored === VIDEOS && failed === 1;
    await eventually('everything in the mirror', counts, isDone, LONG_MS);
    const names = await objectNames();
    expect(names.bucket).toHaveLength(VIDEOS);
    expect(names.container).toEqual(names.bucket);
    // The schedules are restored by the workers too.
    await eventually(
      'the schedules',
      async () => {
        const found = await environment.queues.schedules.next();
        return ['expand-due-playlists', 'reconcile', 'reconcile-bucket'].map((task) => found.has(task));
      },
      (found) => found.every(Boolean),
    );
    // A download that was active continued without its job and may have run twice; four can be active.
    const downloads = await environment.database.connection
      .collection('logs')
      .countDocuments({ stage: 'download', status: 'success' });
    expect(downloads).toBeGreaterThanOrEqual(VIDEOS);
    expect(downloads).toBeLessThanOrEqual(VIDEOS + 4);
    const staging = path.join(environment.config.staging.directory, 'youtube');
    await eventually(
      'an empty staging directory',
      () => readdir(staging),
      (files) => files.length === 0,
    );
  },
  LONG_MS * 2,
);

test(
  'FLUSHALL without workers, then a loss of MongoDB: the command restores all records and jobs',
  async () => {
    expect(await run('enqueue', [PLAYLIST_IDS.stories, PLAYLIST_IDS.songs]).ended).toBe(0);
    await redis.flushall();
    const repair = run('reconcile', ['--json']);
    expect(await repair.ended).toBe(0);
    expect(JSON.parse(repair.stdout())).toMatchObject({
      videos: { examined: VIDEOS + 1, jobs: VIDEOS + 1, carried: 0 },
      problems: [],
    });
    expect(await environment.queues.jobs.counts('download')).toMatchObject({ waiting: VIDEOS + 1 });
    const again = run('reconcile', []);
    expect(await again.ended).toBe(0);
    expect(again.stdout()).toMatch(/^ +13 +with a live job$/m);

    const worker = run('worker', []);
    await eventually('everything in the mirror', counts, ({ mirrored }) => mirrored === VIDEOS, LONG_MS);
    worker.kill('SIGTERM');
    await worker.ended;
    const before = (await everyVideo()).filter(({ status }) => status === 'mirrored');

    await environment.database.connection.collection('videos').deleteMany({});
    const rebuild = run('reconcile', ['--from-storage', '--json']);
    expect(await rebuild.ended).toBe(0);
    expect(JSON.parse(rebuild.stdout())).toMatchObject({
      bucket: { objects: VIDEOS, adopted: VIDEOS },
      problems: [],
    });
    run('worker', []);
    await eventually(
      'everything in the mirror again',
      counts,
      ({ mirrored }) => mirrored === VIDEOS,
      LONG_MS,
    );
    const contentOf = ({ _id, url, title, author, audio, mirror }: VideoDocument) => ({
      _id,
      url,
      title,
      author,
      // A maintenance task makes the peaks again.
      audio: { ...audio, peaks: undefined },
      md5: mirror?.md5,
    });
    expect((await everyVideo()).map(contentOf)).toEqual(before.map(contentOf));
    const downloads = await environment.database.connection
      .collection('logs')
      .countDocuments({ stage: 'download', status: 'success' });
    expect(downloads).toBe(VIDEOS);
  },
  LONG_MS * 3,
);
