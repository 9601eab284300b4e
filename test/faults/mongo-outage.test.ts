import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { freePort } from '../../local/servers/start-on-free-port.ts';
import { openDatabase } from '../../src/database/database.ts';
import { videoDocumentId, type VideoKey } from '../../src/domain/video-key.ts';
import { CrashEnvironment } from '../support/crash-environment.ts';
import { eventually } from '../support/eventually.ts';
import { startOwnServer, type OwnServer } from '../support/own-server.ts';
import { startUrlProxy } from '../support/tcp-proxy.ts';
import { openTestEnvironment } from '../support/test-environment.ts';
import { SAMPLE_AUDIO } from '../support/sample-audio.ts';

const DEADLINE_MS = 40_000;
const readinessSchema = z.object({
  ready: z.boolean(),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), reason: z.string().optional() })),
});
const keyOf = (number: number): VideoKey => ({
  provider: 'youtube',
  videoId: `mongo${String(number).padStart(6, '0')}`,
});

describe('a MongoDB that is down', () => {
  let mongo: OwnServer;
  let crash: CrashEnvironment;
  beforeAll(async () => {
    mongo = await startOwnServer('mongo');
  });
  afterEach(() => crash.close());
  afterAll(() => mongo.close());

  test('at start and during work: the worker waits, no attempt is counted, and work resumes by itself', async () => {
    const port = await freePort();
    crash = await CrashEnvironment.open({
      MONGO_URL: mongo.url,
      HEALTH_PORT: String(port),
      DOWNLOAD_CONCURRENCY: '2',
    });
    const ask = (path: string) => fetch(`http://127.0.0.1:${String(port)}${path}`);
    const readiness = async () => readinessSchema.parse(await (await ask('/readyz')).json());
    const keys = Array.from({ length: 12 }, (_value, index) => keyOf(index));
    await crash.addDownloads(...keys);

    await mongo.stop();
    const worker = crash.run({ audio: { takesMs: 300 } });
    const waiting = await eventually(
      'the health of the worker',
      () => readiness().catch(() => undefined),
      (found) => found?.checks.some(({ name, ok }) => name === 'redis' && ok) === true,
      DEADLINE_MS,
    );
    expect(waiting).toMatchObject({ ready: false });
    expect((await ask('/livez')).status).toBe(200);
    await eventually(
      'its word',
      () => worker.stderr(),
      (text) => text.includes('Waiting for MongoDB'),
      DEADLINE_MS,
    );

    await mongo.restart();
    await eventually('readiness', readiness, ({ ready }) => ready, DEADLINE_MS);
    await eventually(
      'some videos',
      () => crash.environment.database.overview.countByStatus(),
      ({ mirrored }) => mirrored >= 2,
      DEADLINE_MS,
    );

    await mongo.stop();
    const pauses = await eventually(
      'the pause',
      () => crash.environment.queues.pauses.list(),
      (found) => found.some(({ class: errorClass }) => errorClass === 'record_unavailable'),
      DEADLINE_MS,
    );
    expect(pauses[0]).toMatchObject({ kind: 'fault', advice: expect.stringContaining('MONGO_URL') });
    expect(await readiness()).toMatchObject({ ready: false });

    await mongo.restart();
    await eventually(
      'all videos in the mirror',
      () => crash.environment.database.overview.countByStatus(),
      ({ mirrored }) => mirrored === keys.length,
      DEADLINE_MS,
    );
    await eventually(
      'no pause',
      () => crash.environment.queues.pauses.list(),
      (found) => found.length === 0,
    );
    for (const key of keys) {
      expect(await crash.video(key)).toMatchObject({ round: 0, retry_attempts: 0 });
      const attempts = await crash.environment.database.attempts.ofVideo(videoDocumentId(key), 50);
      expect(attempts.map(({ attempt, status }) => [attempt, status])).toEqual(
        attempts.map(() => [1, 'success']),
      );
    }
    const { bucket, mirror } = await crash.objects();
    expect([bucket.length, mirror.length]).toEqual([keys.length, keys.length]);
    expect(await crash.stagedFiles()).toEqual([]);
    expect((await crash.environment.queues.jobs.counts('download')).failed).toBe(0);
    worker.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
  }, 150_000);
});

test('a client reconnects after all its connections were cut at the same moment', async () => {
  const environment = await openTestEnvironment();
  const proxy = await startUrlProxy(environment.config.mongo.url);
  const database = await openDatabase({ url: proxy.url }, 'cut');
  let isOver = false;
  try {
    const collection = database.connection.collection('cut');
    const busy = async () => {
      while (!isOver) {
        const documents = Array.from({ length: 200 }, () => ({ text: 'a' }));
        await collection.insertMany(documents).catch(() => undefined);
      }
    };
    let heartbeatAt = Date.now();
    database.connection.getClient().on('serverHeartbeatSucceeded', () => {
      heartbeatAt = Date.now();
    });
    const work = busy();
    for (let round = 0; round < 5; round += 1) {
      // The driver makes no heartbeat within half a second of the previous one, but the test needs one now.
      const isDue = () => Date.now() - heartbeatAt > 700;
      await eventually('a heartbeat to be due', isDue, Boolean);
      const before = proxy.connections;
      proxy.setFault({ kind: 'refuse' });
      await eventually(
        'an attempt to connect',
        () => proxy.connections,
        (count) => count > before,
      );
      proxy.setFault({ kind: 'none' });
      const isBack = () =>
        database.ping().then(
          () => true,
          () => false,
        );
      await eventually('the server', isBack, Boolean, 15_000);
    }
    isOver = true;
    await work;
  } finally {
    isOver = true;
    await database.close();
    await proxy.close();
    await environment.close();
  }
});

test('a slow MongoDB is waited for; when many write one video there is one document and one winner', async () => {
  const environment = await openTestEnvironment();
  const proxy = await startUrlProxy(environment.config.mongo.url);
  const slow = await openDatabase({ url: proxy.url }, 'slow');
  try {
    proxy.setFault({ kind: 'delay', delayMs: 700 });
    const video = { key: keyOf(1), url: 'https://www.youtube.com/watch?v=mongo000001', title: 'A title' };
    const databases = [slow, ...Array.from({ length: 7 }, () => environment.database), slow];
    const states = await Promise.all(databases.map(({ videos }) => videos.discover([video])));
    expect(states.flat()).toEqual(
      databases.map(() => expect.objectContaining({ key: video.key, status: 'discovered', round: 0 })),
    );
    const wins = await Promise.all(
      databases.map(({ videos }) => videos.markDownloaded(video.key, 0, SAMPLE_AUDIO, {})),
    );
    expect(wins.filter(Boolean)).toHaveLength(1);
    const counts = await environment.database.overview.countByStatus();
    expect(Object.entries(counts).filter(([, count]) => count > 0)).toEqual([['downloaded', 1]]);
  } finally {
    await slow.close();
    await proxy.close();
    await environment.close();
  }
});
