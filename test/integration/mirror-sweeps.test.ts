import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { TransientError } from '../../src/domain/job-errors.ts';
import type { VideoKey } from '../../src/domain/video-key.ts';
import { startSweep } from '../../src/mirror/sweep/start-sweep.ts';
import { SharedLimit } from '../../src/queues/shared-limit.ts';
import type { Sweep } from '../../src/queues/mirror-sweeps.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import type { MinioStore } from '../../src/storage/minio-store.ts';
import { createShardProcessor } from '../../src/workers/processors/mirror-shard.ts';
import type { JobContext } from '../../src/workers/processor.ts';
import { listAll, openTestStores, untilDone, type TestStores } from '../contract/test-stores.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { addressOf, keyOf } from '../support/reconcile-environment.ts';
import { startMaintenanceWorker, startRealWorker } from '../support/real-workers.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { withOverrides } from '../support/with-overrides.ts';
import { WORKER_FACTORIES } from '../support/worker-factories.ts';

const OBJECTS = 620;
/** The two stores order the last three differently. */
const NAMES = Array.from(
  { length: OBJECTS },
  (_value, index) =>
    `s/${String(index).padStart(4, '0')}${['', '～x', '😀y', '\uf900z'][index % 4] ?? ''}.mp3`,
);

let stores: TestStores;
let environment: TestEnvironment;
let workers: TestWorkers;
beforeAll(async () => {
  stores = await openTestStores();
  for (let start = 0; start < OBJECTS; start += 20) {
    await Promise.all(NAMES.slice(start, start + 20).map((name) => stores.putMinio(name, Buffer.from(name))));
  }
}, 120_000);
beforeEach(async () => {
  environment = await openTestEnvironment({
    MINIO_BUCKET: stores.minio.container,
    AZURE_CONTAINER: stores.azure.container,
    MIRROR_SWEEP_INTERVAL_SECONDS: '1',
  });
  workers = new TestWorkers(environment);
});
afterEach(async () => {
  await workers.stop();
  await environment.close();
  for (const { name } of await listAll(stores.azure)) await stores.azure.remove(name, untilDone);
});
afterAll(() => stores.close());

const begin = (source: MinioStore = stores.minio, change: Partial<Sweep> = {}) => {
  const { database, queues } = environment;
  const pair = { bucket: stores.minio.container, container: stores.azure.container };
  const sweep = { ...pair, trigger: 'command' as const, prefix: '', include: [], exclude: [], ...change };
  return startSweep(sweep, { database, queues, source, signal: untilDone });
};
const report = (id: string) =>
  eventually(
    'the report',
    () => environment.database.mirrorReports.findById(id),
    (found) => found !== undefined,
  );
const startSync = () => startRealWorker('sync', environment, workers, createSilentLogger());
const mirroredNames = async () => (await listAll(stores.azure)).map(({ name }) => name).toSorted();

/** The processor of shards with stores that may fail. */
function shardsWith(source: MinioStore, target = stores.azure) {
  return createShardProcessor({
    ...{ database: environment.database, queues: environment.queues, mirror: environment.config.mirror },
    bandwidth: undefined,
    passDelayMs: 10,
    openPair: () => Promise.resolve({ source, target }),
  });
}
const context = (isLastAttempt = false) =>
  ({ signal: untilDone, isLastAttempt, reportProgress: () => undefined }) as unknown as JobContext;

describe('a sweep', () => {
  test('by schedule is cut into shards that several workers copy, each object once', async () => {
    await startSync();
    await startSync();
    await startMaintenanceWorker(environment, workers, createSilentLogger(), WORKER_FACTORIES);
    await environment.queues.add('maintenance', { task: 'mirror-sweep' });
    const { mirrorReports } = environment.database;
    const first = await eventually(
      'a report',
      () => mirrorReports.latest(),
      (found) => found !== undefined,
    );
    expect(first).toMatchObject({
      ...{ kind: 'sweep', trigger: 'schedule', bucket: stores.minio.container, complete: true, shards: 3 },
      ...{ objects: OBJECTS, found: OBJECTS, copied: OBJECTS, extra: 0, drift: 0, problems: [] },
    });
    expect(await mirroredNames()).toEqual(NAMES.toSorted());

    await stores.azure.remove(NAMES[301] ?? '', untilDone);
    await stores.putAzure('s/extra', Buffer.from('x'));
    const { id = '' } = (await begin()) ?? {};
    expect(await report(id)).toMatchObject({ objects: OBJECTS, found: 1, copied: 1, extra: 1, drift: 0 });
    expect(await environment.database.mirrorReports.latest({ bucket: 'another' })).toBeUndefined();
  });

  test('is alone for its container while one of its shards has a job', async () => {
    const first = await begin();
    expect(first).toBeDefined();
    expect(await begin()).toBeUndefined();
    // Somebody removes its jobs: nothing would ever end it.
    await environment.queues.queue('sync').obliterate({ force: true });
    const second = await begin();
    expect(second?.id).not.toBe(first?.id);
    await startSync();
    expect(await report(second?.id ?? '')).toMatchObject({ copied: OBJECTS, drift: 0 });
  });

  test('whose splitting died is replaced', async () => {
    const { queues } = environment;
    const pair = { bucket: stores.minio.container, container: stores.azure.container };
    const sweep = { ...pair, trigger: 'schedule' as const, prefix: '', include: [], exclude: [] };
    const dead = await queues.sweeps.begin({ ...sweep, startedAt: new Date().toISOString() });
    expect(dead).toBeDefined();
    expect(await begin()).toBeUndefined();
    await queues.redis.del(`${queues.prefix}:mirror-sweep:${dead ?? ''}:splitting`);
    const second = await begin();
    expect(second).toBeDefined();
    // The shards of the dead one do nothing.
    expect(await shardsWith(stores.minio).process({ sweepId: dead ?? '', shard: 0 }, context())).toEqual({
      outcome: 'superseded',
    });
  });

  test('whose listing fails says that it is not all, and copies what it had found', async () => {
    const source = withOverrides(stores.minio, {
      list: async function* (...args) {
        for await (const page of stores.minio.list(...args)) yield page.slice(0, 400);
        throw new TransientError('network', 'cut');
      },
    });
    await expect(begin(source)).rejects.toThrow('cut');
    await startSync();
    const latest = () => environment.database.mirrorReports.latest();
    const found = await eventually('the report', latest, (one) => one !== undefined);
    expect(found).toMatchObject({ complete: false, error: 'cut', shards: 1, copied: 253 });
  });

  test('of a part says so', async () => {
    const { id = '' } = (await begin(stores.minio, { prefix: 's/00', exclude: ['*y.mp3'] })) ?? {};
    await startSync();
    expect(await report(id)).toMatchObject({ complete: false, objects: 75, copied: 75 });
  });
});

describe('a shard', () => {
  test('that two workers run at once counts once', async () => {
    const { id = '', shards = 0 } = (await begin()) ?? {};
    const { process } = shardsWith(stores.minio);
    for (let shard = 0; shard < shards; shard += 1) {
      const payload = { sweepId: id, shard };
      await Promise.all([process(payload, context()), process(payload, context())]);
    }
    const found = await report(id);
    expect(found).toMatchObject({ objects: OBJECTS, shards, drift: 0, complete: true });
    expect(await mirroredNames()).toEqual(NAMES.toSorted());
  });

  test('leaves no copy of a video that a person deletes everywhere meanwhile, also after a crash', async () => {
    const { database } = environment;
    const [meanwhile, before, onlyHere] = [keyOf(1), keyOf(2), keyOf(3)];
    const nameOf = ({ videoId }: VideoKey) => `audio/youtube/${videoId}.mp3`;
    const content = Buffer.from('audio');
    await database.videos.discover(
      [meanwhile, before, onlyHere].map((key) => ({ key, url: addressOf(key) })),
    );
    // What a worker wrote before it died: its video is deleted, and the bucket does not have it any more.
    await database.decisions.requestDeletion(before, true);
    await database.decisions.requestDeletion(onlyHere, false);
    for (const key of [before, onlyHere]) await stores.putAzure(nameOf(key), content);
    await stores.putMinio(nameOf(meanwhile), content);
    try {
      const source = withOverrides(stores.minio, {
        openContent: async (name, options) => {
          if (name === nameOf(meanwhile)) await database.decisions.requestDeletion(meanwhile, true);
          return await stores.minio.openContent(name, options);
        },
      });
      const { id = '', shards = 0 } = (await begin()) ?? {};
      const { process } = shardsWith(source);
      for (let shard = 0; shard < shards; shard += 1) await process({ sweepId: id, shard }, context());
      expect(await report(id)).toMatchObject({ copied: OBJECTS + 1, extra: 2, complete: true });
    } finally {
      await stores.minio.remove(nameOf(meanwhile), untilDone);
    }
    // A deletion in the bucket alone leaves the copy.
    expect((await mirroredNames()).filter((name) => name.startsWith('audio/'))).toEqual([nameOf(onlyHere)]);
  });

  test('that ended before its worker died lets the next run make the report', async () => {
    const { id = '', shards = 0 } = (await begin()) ?? {};
    const { sweeps } = environment.queues;
    const result = { objects: 1, equal: 1, extra: 0, copied: 0, copiedBytes: 0, confirmed: 0, failed: 0 };
    for (let shard = 0; shard < shards; shard += 1) {
      await sweeps.endShard(id, shard, { ...result, isComplete: true, problems: [] });
    }
    expect(await environment.database.mirrorReports.findById(id)).toBeUndefined();
    await shardsWith(stores.minio).process({ sweepId: id, shard: 0 }, context());
    expect(await report(id)).toMatchObject({ objects: shards, shards });
  });

  test('fails with its attempts, and ends its sweep with the last', async () => {
    const { id = '', shards = 0 } = (await begin()) ?? {};
    const list = async function* () {
      await Promise.resolve();
      throw new TransientError('timeout', 'no listing');
    };
    const broken = shardsWith(withOverrides(stores.minio, { list }));
    const whole = shardsWith(stores.minio);
    await expect(broken.process({ sweepId: id, shard: 0 }, context())).rejects.toThrow('no listing');
    for (let shard = 1; shard < shards; shard += 1) await whole.process({ sweepId: id, shard }, context());
    expect(await environment.database.mirrorReports.findById(id)).toBeUndefined();
    await expect(broken.process({ sweepId: id, shard: 0 }, context(true))).rejects.toThrow('no listing');
    expect(await report(id)).toMatchObject({
      complete: false,
      problems: [{ name: stores.azure.container, class: 'timeout', message: 'no listing' }],
    });
  }, 120_000);

  test('that lost too many workers ends its sweep', async () => {
    const { id = '', shards = 0 } = (await begin(stores.minio, { prefix: 's/000' })) ?? {};
    expect(shards).toBe(1);
    const error = new TransientError('worker_lost', 'The worker died.');
    await shardsWith(stores.minio).abandon({ sweepId: id, shard: 0 }, error);
    expect(await report(id)).toMatchObject({ complete: false, problems: [{ class: 'worker_lost' }] });
  });
});

describe('the shared limit', () => {
  const news = (change: Partial<Parameters<SharedLimit['exchange']>[0]> = {}) => ({
    ...{ successes: 0, wasThrottled: false, most: 32, first: 8, ...change },
  });

  test('doubles with the successes of all, is halved once for all, and then grows by one a round', async () => {
    const { redis, prefix } = environment.queues;
    const members = Array.from({ length: 4 }, () => new SharedLimit(redis, prefix, 'c'));
    const shares = [];
    for (const member of members) shares.push(await member.exchange(news()));
    expect(shares).toEqual(Array.from({ length: 4 }, () => ({ share: 8, wasCut: false })));
    expect(await members[0]?.exchange(news({ successes: 32 }))).toEqual({ share: 16, wasCut: false });
    for (const member of members) await member.exchange(news({ wasThrottled: true }));
    expect(await members[3]?.exchange(news())).toEqual({ share: 8, wasCut: true });
    // A round of 32 successes is one more for all four.
    expect(await members[0]?.exchange(news({ successes: 32 }))).toEqual({ share: 33 / 4, wasCut: true });
    await members[0]?.leave();
    expect((await members[3]?.exchange(news()))?.share).toBeCloseTo(33 / 4);
    for (let round = 0; round < 3; round += 1) await members[3]?.exchange(news({ successes: 1_000_000 }));
    expect(await members[3]?.exchange(news())).toEqual({ share: 32, wasCut: true });
  });

  test('one that does not come back has left', async () => {
    const { redis, prefix } = environment.queues;
    const [dead, alive] = [new SharedLimit(redis, prefix, 'd'), new SharedLimit(redis, prefix, 'd')];
    await dead.exchange(news({ first: 20 }));
    expect(await alive.exchange(news({ first: 20 }))).toMatchObject({ share: 20 });
    const [first = ''] = await redis.zrange(`${prefix}:limit:d:members`, '0', '0');
    await redis.zadd(`${prefix}:limit:d:members`, 1, first);
    expect(await alive.exchange(news())).toMatchObject({ share: 32 });
  });
});

test('reports are kept in order, and their number is bounded', async () => {
  const { mirrorReports } = environment.database;
  const counts = { objects: 1, found: 0, extra: 0, copied: 0, copied_bytes: 0, drift: 0 };
  const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute));
  for (const minute of [2, 3, 1]) {
    await mirrorReports.save({
      ...{
        ...counts,
        kind: 'verify',
        trigger: 'command',
        bucket: 'b',
        container: randomBytes(3).toString('hex'),
      },
      ...{ _id: String(minute), started_at: at(minute), finished_at: at(minute), complete: true },
      ...{ shards: 1, problems: [] },
    });
  }
  expect((await mirrorReports.latest())?._id).toBe('3');
  expect((await mirrorReports.recent(2)).map(({ _id }) => _id)).toEqual(['3', '2']);
});
