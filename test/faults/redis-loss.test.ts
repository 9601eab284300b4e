import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { PLAYLIST_IDS } from '../../local/sample-channel/fixed-playlists.ts';
import {
  spawnSampleChannel,
  type SpawnedSampleChannel,
} from '../../local/sample-channel/spawn-sample-channel.ts';
import type { VideoDocument } from '../../src/database/documents.ts';
import { openAzureStore, openMinioStore } from '../../src/storage/open-stores.ts';
import { eventually } from '../support/eventually.ts';
import { startOwnServer, type OwnServer } from '../support/own-server.ts';
import { startProgram, type Program } from '../support/program.ts';
import { openTestSetting, type TestEnvironment } from '../support/test-environment.ts';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const SAMPLE_DIRECTORY = path.join(CHECKOUT, '.sonotheque/sample-channel');
const LONG_MS = 120_000;
const VIDEOS = 12;
const never = new AbortController().signal;

/** A Redis of this test's own: it is emptied while others use theirs. */
let server: OwnServer;
let redis: Redis;
let channel: SpawnedSampleChannel;
let setting: TestEnvironment;
let programs: Program[];

beforeAll(async () => {
  server = await startOwnServer('redis');
  redis = new Redis(server.url);
}, LONG_MS);

afterAll(async () => {
  redis.disconnect();
  await server.close();
});

beforeEach(async () => {
  programs = [];
  channel = await spawnSampleChannel({ directory: SAMPLE_DIRECTORY });
  setting = await openTestSetting({
    REDIS_URL: server.url,
    YTDLP_EXTRA_ARGS: channel.extraArguments,
    RECONCILE_INTERVAL_SECONDS: '2',
    SHUTDOWN_GRACE_SECONDS: '1',
  });
});

afterEach(async () => {
  for (const program of programs) program.kill('SIGKILL');
  await Promise.all(programs.map((program) => program.ended));
  await Promise.all([channel.close(), setting.close()]);
});

function run(name: string, args: readonly string[]): Program {
  const program = startProgram(name, args, { variables: setting.variables, directory: setting.directory });
  programs.push(program);
  return program;
}

const counts = () => setting.database.overview.countByStatus();
const everyVideo = () =>
  setting.database.connection.collection<VideoDocument>('videos').find({}).sort({ _id: 1 }).toArray();

async function objectNames(): Promise<{ bucket: string[]; container: string[] }> {
  const { config } = setting;
  if (config.azure === undefined) throw new Error('The tests need an Azure.');
  const names = async (store: ReturnType<typeof openMinioStore> | ReturnType<typeof openAzureStore>) =>
    (await Array.fromAsync(store.list('', never)))
      .flat()
      .map(({ name }) => name)
      .sort();
  return {
    bucket: await names(openMinioStore(config.minio, config.storage)),
    container: await names(openAzureStore(config.azure, config.storage)),
  };
}

test(
  'FLUSHALL under running workers: they rebuild their own work, and everything is mirrored once',
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
    // The schedules came back by themselves too.
    await eventually(
      'the schedules',
      async () => {
        const tasks = ['expand-due-playlists', 'reconcile', 'reconcile-bucket'] as const;
        return await Promise.all(tasks.map((task) => setting.queues.isMaintenanceScheduled(task)));
      },
      (found) => found.every(Boolean),
    );
    // A download under way went on without its job and may have been done twice; four can be under way.
    const downloads = await setting.database.connection
      .collection('logs')
      .countDocuments({ stage: 'download', status: 'success' });
    expect(downloads).toBeGreaterThanOrEqual(VIDEOS);
    expect(downloads).toBeLessThanOrEqual(VIDEOS + 4);
    const staging = path.join(setting.config.staging.directory, 'youtube');
    await eventually(
      'an empty staging directory',
      () => readdir(staging),
      (files) => files.length === 0,
    );
  },
  LONG_MS * 2,
);

test(
  'FLUSHALL without workers, then a loss of MongoDB: the command rebuilds all of it',
  async () => {
    expect(await run('enqueue', [PLAYLIST_IDS.stories, PLAYLIST_IDS.songs]).ended).toBe(0);
    await redis.flushall();
    const repair = run('reconcile', ['--json']);
    expect(await repair.ended).toBe(0);
    expect(JSON.parse(repair.stdout())).toMatchObject({
      videos: { examined: VIDEOS + 1, jobs: VIDEOS + 1, carried: 0 },
      problems: [],
    });
    expect(await setting.queues.counts('download')).toMatchObject({ waiting: VIDEOS + 1 });
    const again = run('reconcile', []);
    expect(await again.ended).toBe(0);
    expect(again.stdout()).toMatch(/^ +13 +carried by a job$/m);

    const worker = run('worker', []);
    await eventually('everything in the mirror', counts, ({ mirrored }) => mirrored === VIDEOS, LONG_MS);
    worker.kill('SIGTERM');
    await worker.ended;
    const before = (await everyVideo()).filter(({ status }) => status === 'mirrored');

    await setting.database.connection.collection('videos').deleteMany({});
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
    const facts = ({ _id, url, title, author, audio, mirror }: VideoDocument) => ({
      _id,
      url,
      title,
      author,
      audio,
      md5: mirror?.md5,
    });
    expect((await everyVideo()).map(facts)).toEqual(before.map(facts));
    const downloads = await setting.database.connection
      .collection('logs')
      .countDocuments({ stage: 'download', status: 'success' });
    expect(downloads).toBe(VIDEOS);
  },
  LONG_MS * 3,
);
