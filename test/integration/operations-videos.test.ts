import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SAMPLE_AUDIO } from '../support/sample-audio.ts';
import { videoDocumentId, type VideoKey } from '../../src/domain/video-key.ts';
import { deleteVideos } from '../../src/operations/delete-videos.ts';
import { retryVideos } from '../../src/operations/retry-videos.ts';
import { skipVideos, unskipVideos } from '../../src/operations/skip-videos.ts';
import { copyObject } from '../../src/mirror/copy-object.ts';
import type { DeletionDependencies } from '../../src/reconcile/finish-deletion.ts';
import { openAzureStore } from '../../src/storage/open-stores.ts';
import type { AzureBlobStore } from '../../src/storage/azure-blob-store.ts';
import type { ObjectStore } from '../../src/storage/object-store.ts';
import type { JobContext } from '../../src/workers/processor.ts';
import { createSyncProcessor } from '../../src/workers/processors/sync.ts';
import { withOverrides } from '../support/with-overrides.ts';
import { createStageProcessor } from '../../src/workers/processors/stage.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import {
  addressOf,
  keyOf,
  openReconcileEnvironment,
  type ReconcileEnvironment,
} from '../support/reconcile-environment.ts';

const KEY = keyOf(1);
const ID = videoDocumentId(KEY);
const NAME = `audio/youtube/${KEY.videoId}.mp3`;
const ACTOR = { user: 'ada', via: 'command' } as const;
const never = new AbortController().signal;

let environment: ReconcileEnvironment;
let mirror: AzureBlobStore;
let workers: TestWorkers;

beforeEach(async () => {
  environment = await openReconcileEnvironment();
  workers = new TestWorkers(environment);
  const { azure, storage } = environment.config;
  if (azure === undefined) throw new Error('The test servers have no Azure.');
  mirror = openAzureStore(azure, storage);
  await mirror.ensureContainer(never);
});
afterEach(async () => {
  await workers.stop();
  await environment.close();
});

const video = (key: VideoKey = KEY) => environment.database.videos.find(key);
const stored = () => environment.store.stat(NAME, never);
const mirrored = () => mirror.stat(NAME, never);
const audit = (target = ID) => environment.database.audit.ofTarget(target, 10);
const jobs = async (name: 'download' | 'upload' | 'sync' | 'retry') => {
  const { waiting, active, delayed } = await environment.queues.jobs.counts(name);
  return waiting + active + delayed;
};
const dependencies = (overrides: Partial<DeletionDependencies> = {}): DeletionDependencies => ({
  ...{ database: environment.database, queues: environment.queues, store: environment.store },
  ...{ mirror, signal: never },
  ...overrides,
});
const remove = (everywhere = false, overrides: Partial<DeletionDependencies> = {}) =>
  deleteVideos([KEY], { everywhere }, ACTOR, dependencies(overrides));
const archive = () =>
  environment.archive(KEY, (name) => copyObject(environment.store, mirror, name, { signal: never }));
async function* killed(): AsyncGenerator<never> {
  await Promise.resolve();
  yield* [];
  throw new Error('killed');
}
/** A later listing finds the video again, also with `--force`. */
async function listAgain(): Promise<void> {
  const { repairs, videos } = environment.database;
  await videos.discover([{ key: KEY, url: addressOf(KEY) }]);
  await repairs.reopen(await videos.states([KEY]), new Date(Date.now() + 1_000));
}

describe('a skipped video', () => {
  test('has no job, and nothing takes it up again but a person', async () => {
    await environment.discover(KEY);
    await environment.queues.add('download', { ...KEY, round: 0 });
    expect(await skipVideos([KEY, keyOf(2)], ACTOR, environment)).toEqual([
      { id: ID, outcome: 'skipped' },
      { id: videoDocumentId(keyOf(2)), outcome: 'unknown' },
    ]);
    expect(await jobs('download')).toBe(0);
    await listAgain();
    await environment.stage(KEY);
    await environment.reconcile();
    expect(await retryVideos([KEY], ACTOR, environment)).toEqual([{ id: ID, outcome: 'skipped' }]);
    expect(await video()).toMatchObject({ status: 'skipped', skip_reason: 'ignored', round: 0 });
    expect(await environment.staging.findStaged(KEY)).toBeUndefined();
    expect(await jobs('download')).toBe(0);
    // Once more changes nothing.
    expect(await skipVideos([KEY], ACTOR, environment)).toEqual([{ id: ID, outcome: 'skipped' }]);
    expect(await unskipVideos([KEY], ACTOR, environment)).toEqual([{ id: ID, outcome: 'unskipped' }]);
    expect(await video()).toMatchObject({ status: 'discovered', round: 1, first_round: 1 });
    expect(await jobs('download')).toBe(1);
    expect(await unskipVideos([KEY], ACTOR, environment)).toEqual([{ id: ID, outcome: 'not_skipped' }]);
    expect((await audit()).map(({ user, via, operation, result }) => [user, via, operation, result])).toEqual(
      expect.arrayContaining([
        ['ada', 'command', 'videos.skip', expect.arrayContaining([{ id: ID, outcome: 'skipped' }])],
        ['ada', 'command', 'videos.unskip', [{ id: ID, outcome: 'unskipped' }]],
      ]),
    );
  });

  test('stays skipped when a job of it runs: its result is not recorded and adds no job', async () => {
    await environment.discover(KEY);
    const { database, queues, config } = environment;
    const started = Promise.withResolvers<undefined>();
    const skipped = Promise.withResolvers<undefined>();
    workers.start(
      'download',
      createStageProcessor(
        {
          stage: 'download',
          next: 'upload',
          work: async (key, { round }) => {
            started.resolve(undefined);
            await skipped.promise;
            return { record: () => database.videos.markDownloaded(key, round, SAMPLE_AUDIO, {}), result: {} };
          },
        },
        { database, queues, retry: config.retry },
      ),
    );
    await queues.add('download', { ...KEY, round: 0 });
    await started.promise;
    expect(await skipVideos([KEY], ACTOR, environment)).toEqual([{ id: ID, outcome: 'skipped' }]);
    skipped.resolve(undefined);
    await eventually(
      'the end of the job',
      async () => (await queues.jobs.counts('download')).completed === 1,
    );
    expect(await video()).toMatchObject({ status: 'skipped', skip_reason: 'ignored' });
    expect(await jobs('upload')).toBe(0);
  });

  test('an archived video is not skipped', async () => {
    await archive();
    expect(await skipVideos([KEY], ACTOR, environment)).toEqual([{ id: ID, outcome: 'archived' }]);
    expect(await video()).toMatchObject({ status: 'mirrored' });
  });
});

describe('a deleted video', () => {
  test('is gone from the bucket and stays in Azure; nothing brings it back but a person', async () => {
    await archive();
    await environment.upload(KEY, 'm4a');
    expect(await remove()).toEqual([{ id: ID, outcome: 'deleted' }]);
    expect(await stored()).toBeUndefined();
    expect(await environment.store.stat(NAME.replace('mp3', 'm4a'), never)).toBeUndefined();
    expect(await mirrored()).toBeDefined();
    await listAgain();
    expect((await environment.reconcile({ mirror })).bucket).toMatchObject({
      deleted: 0,
      missing: 0,
      adopted: 0,
    });
    expect(await retryVideos([KEY], ACTOR, environment)).toEqual([{ id: ID, outcome: 'skipped' }]);
    expect(await skipVideos([KEY], ACTOR, environment)).toEqual([{ id: ID, outcome: 'deleted' }]);
    expect(await video()).toMatchObject({
      status: 'skipped',
      skip_reason: 'deleted',
      mirror: { name: NAME },
    });
    expect(await video()).not.toHaveProperty('audio');
    expect(await remove()).toEqual([{ id: ID, outcome: 'deleted' }]);
    expect(await remove(true)).toEqual([{ id: ID, outcome: 'deleted' }]);
    expect(await mirrored()).toBeUndefined();
    expect(await video()).not.toHaveProperty('mirror');
    expect(await unskipVideos([KEY], ACTOR, environment)).toEqual([{ id: ID, outcome: 'unskipped' }]);
    expect(await video()).toMatchObject({ status: 'discovered', round: 1 });
    expect(await video()).not.toHaveProperty('deletion');
  });

  test('everywhere is gone from both', async () => {
    await archive();
    expect(await remove(true)).toEqual([{ id: ID, outcome: 'deleted' }]);
    expect([await stored(), await mirrored()]).toEqual([undefined, undefined]);
    expect((await audit())[0]).toMatchObject({ operation: 'videos.delete everywhere', targets: [ID] });
  });

  test('everywhere is gone although a worker that lost its job writes the blob afterwards', async () => {
    await environment.archive(KEY);
    await environment.database.connection.model('Video').updateOne({ _id: ID }, { status: 'stored' });
    const target = withOverrides(mirror, {
      putBlob: async (...args: Parameters<typeof mirror.putBlob>) => {
        expect(await remove(true)).toEqual([{ id: ID, outcome: 'deleted' }]);
        return await mirror.putBlob(...args);
      },
    });
    const { database, queues, config, store } = environment;
    const sync = createSyncProcessor({
      ...{ database, queues, retry: config.retry, mirror: config.mirror, source: store, target },
      bandwidth: undefined,
      openPair: () => Promise.resolve({ source: store, target }),
    });
    // No job of the queue: the worker has lost it.
    const context = { signal: never, worker: 'w', attempt: 1, reportProgress: () => undefined };
    const payload = { ...KEY, round: 0 };
    expect(await sync.process(payload, context as unknown as JobContext)).toEqual({ outcome: 'superseded' });
    expect([await stored(), await mirrored()]).toEqual([undefined, undefined]);
  });

  test.each(['the bucket', 'Azure'])('is finished by reconcile after a crash before %s', async (where) => {
    await archive();
    const crash = { list: () => killed(), remove: () => Promise.reject(new Error('killed')) };
    const broken = crash as unknown as ObjectStore;
    const results = await remove(true, where === 'Azure' ? { mirror: broken } : { store: broken });
    expect(results).toEqual([{ id: ID, outcome: 'pending', error: 'killed' }]);
    expect(await video()).toMatchObject({ status: 'skipped', skip_reason: 'deleted' });
    expect((await environment.reconcile({ mirror, dryRun: true })).bucket).toMatchObject({ deleted: 1 });
    expect(await mirrored()).toBeDefined();
    expect((await environment.reconcile({ mirror })).bucket).toMatchObject({
      deleted: 1,
      adopted: 0,
      found: 0,
    });
    expect([await stored(), await mirrored()]).toEqual([undefined, undefined]);
    expect((await environment.reconcile({ mirror })).bucket).toMatchObject({ deleted: 0 });
  });

  test('whose upload is running is finished by reconcile when that has ended', async () => {
    await environment.discover(KEY);
    await environment.stage(KEY);
    await environment.database.videos.markDownloaded(KEY, 0, SAMPLE_AUDIO, {});
    const { database, queues, config } = environment;
    const started = Promise.withResolvers<undefined>();
    const deleted = Promise.withResolvers<undefined>();
    workers.start(
      'upload',
      createStageProcessor(
        {
          stage: 'upload',
          next: 'sync',
          work: async (key, { round }) => {
            started.resolve(undefined);
            await deleted.promise;
            await environment.upload(key);
            return { record: () => database.videos.markStored(key, round, SAMPLE_AUDIO), result: {} };
          },
        },
        { database, queues, retry: config.retry },
      ),
    );
    await queues.add('upload', { ...KEY, round: 0 });
    await started.promise;
    expect(await remove()).toEqual([{ id: ID, outcome: 'pending' }]);
    deleted.resolve(undefined);
    await eventually('the end of the job', async () => (await queues.jobs.counts('upload')).completed === 1);
    expect(await stored()).toBeDefined();
    expect((await environment.reconcile()).bucket).toMatchObject({ deleted: 1, adopted: 0, found: 0 });
    expect(await stored()).toBeUndefined();
    expect(await environment.staging.findStaged(KEY)).toBeUndefined();
    // A worker that had lost its job may do the same after that.
    await environment.upload(KEY);
    expect((await environment.reconcile()).bucket).toMatchObject({ deleted: 1 });
    expect(await stored()).toBeUndefined();
  });

  test('one whose object cannot be removed does not stop the others', async () => {
    await archive();
    await environment.archive(keyOf(2));
    const { store } = environment;
    const broken = {
      list: store.list.bind(store),
      stat: store.stat.bind(store),
      container: store.container,
      remove: (name: string, signal: AbortSignal) =>
        name === NAME ? Promise.reject(new Error('locked')) : store.remove(name, signal),
    } as unknown as typeof store;
    const results = await deleteVideos(
      [KEY, keyOf(2)],
      { everywhere: false },
      ACTOR,
      dependencies({ store: broken }),
    );
    expect(results).toEqual([
      { id: ID, outcome: 'pending', error: 'locked' },
      { id: videoDocumentId(keyOf(2)), outcome: 'deleted' },
    ]);
    const report = await environment.reconcile({ store: broken });
    expect(report.problems).toEqual([expect.objectContaining({ pass: 'bucket', message: 'locked' })]);
  });

  test('an object that was stored long after the deletion is left alone', async () => {
    await archive();
    await remove();
    await environment.database.connection.models['Video']?.updateOne(
      { _id: ID },
      { $set: { 'deletion.at': new Date(Date.now() - 3 * 86_400_000) } },
    );
    await environment.upload(KEY);
    expect((await environment.reconcile()).bucket).toMatchObject({ deleted: 0, unrecognised: 1, adopted: 0 });
    expect(await stored()).toBeDefined();
  });
});
