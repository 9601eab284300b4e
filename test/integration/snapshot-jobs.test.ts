import { mirrorSnapshot } from '../../src/snapshots/snapshot-objects.ts';
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { databaseOf } from '../../src/snapshots/raw-documents.ts';
import { snapshotKey } from '../../src/snapshots/snapshot-names.ts';
import type { MaintenancePayload } from '../../src/queues/payloads.ts';
import { TransientError } from '../../src/domain/job-errors.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import type { OpenObject } from '../../src/storage/object-store.ts';
import { keepCronSchedules } from '../../src/workers/keep-schedules.ts';
import type { WorkerFactories } from '../../src/workers/worker-factories.ts';
import { WORKER_FACTORIES } from '../support/worker-factories.ts';
import { isSnapshotMissed } from '../../src/snapshots/snapshot-slot.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { Programs } from '../support/program.ts';
import { startMaintenanceWorker } from '../support/real-workers.ts';
import { objectsOf, openSnapshotStores, type SnapshotStores } from '../support/snapshot-environment.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

const DAY_MS = 24 * 3_600_000;
const MINUTE_MS = 60_000;
/** The start of a process on a busy machine, two checks for lost jobs, the work itself. */
const DEADLINE_MS = 60_000;
/** One snapshot is kept, once a newer one is verified. */
const KEEP_ONE = { SNAPSHOT_KEEP_DAILY: '1', SNAPSHOT_KEEP_WEEKLY: '0', SNAPSHOT_KEEP_MONTHLY: '0' };
/** A snapshot is named by its second, so two attempts must be further apart. */
const ATTEMPT_DELAY_SECONDS = '2.1';
const never = new AbortController().signal;

let environment: TestEnvironment;
let stores: SnapshotStores;
let workers: TestWorkers;
let programs: Programs;

beforeEach(async () => {
  programs = new Programs();
  await open({});
});
afterEach(async () => {
  await programs.end();
  await close();
});

async function open(overrides: Readonly<Record<string, string>>): Promise<void> {
  environment = await openTestEnvironment({
    ...{ ...KEEP_ONE, ATTEMPT_DELAY_SECONDS, SCHEDULE_TIME_ZONE: 'UTC' },
    ...overrides,
  });
  stores = openSnapshotStores(environment);
  workers = new TestWorkers(environment);
}

async function close(): Promise<void> {
  await workers.stop();
  stores.close();
  await environment.close();
}

/** An environment whose daily snapshot is due at this time. */
async function dueAt(at: Date): Promise<void> {
  await close();
  const fields = [at.getUTCSeconds(), at.getUTCMinutes(), at.getUTCHours()];
  await open({ SNAPSHOT_PATTERN: `${fields.join(' ')} * * *` });
}

/** The check that each worker of the maintenance queue makes at start and every minute. */
const checkSchedules = () =>
  keepCronSchedules({
    ...{
      config: environment.config,
      database: environment.database,
      queues: environment.queues,
      sources: [],
    },
    ...{ logger: createSilentLogger(), workerName: 'test', now: () => new Date() },
  });
const work = (parts: Partial<WorkerFactories> = {}) =>
  startMaintenanceWorker(environment, workers, createSilentLogger(), { ...WORKER_FACTORIES, ...parts });
const startProcess = () => programs.start('worker', ['maintenance'], environment);

const records = () => environment.database.snapshots.recent(100);
const maintenance = () => environment.queues.queue('maintenance');
const jobsOf = async (task: string, state: 'waiting' | 'completed' | 'failed' | 'delayed') =>
  (await maintenance().getJobs([state])).filter(({ data }) => (data as MaintenancePayload).task === task);
const completed = (task: string, count: number) =>
  eventually(
    `${String(count)} ends of ${task}`,
    () => jobsOf(task, 'completed'),
    (jobs) => jobs.length === count,
    DEADLINE_MS,
  );
const failed = (task: string) =>
  eventually(
    `the failure of ${task}`,
    () => jobsOf(task, 'failed'),
    (jobs) => jobs.length === 1,
    DEADLINE_MS,
  );

async function mirrored(): Promise<string[]> {
  const pages = await Array.fromAsync(stores.mirror.list('', never));
  return pages
    .flat()
    .map(({ name }) => name)
    .sort();
}

/** A snapshot of an earlier day, as after its own job. */
async function earlier(daysAgo: number): Promise<string> {
  const { name } = await stores.take({ now: () => new Date(Date.now() - daysAgo * DAY_MS) });
  await stores.verify(name);
  await mirrorSnapshot({ source: stores.store, target: stores.mirror }, name, { signal: never });
  return name;
}

async function linesOfLog(): Promise<string[]> {
  const log = await readFile(environment.config.versionLogFile, 'utf8');
  return log.split('\n').filter((line) => line.includes('`MONGO_SNAPSHOT`'));
}

/** A bucket that returns changed bytes of each snapshot. */
const openDamagingBucket: WorkerFactories['openBucket'] = (...args) => {
  const store = WORKER_FACTORIES.openBucket(...args);
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name !== 'openRead') return (...call: unknown[]): unknown => Reflect.apply(value, target, call);
      return async (...call: Parameters<typeof target.openRead>): Promise<OpenObject> => {
        const object = await target.openRead(...call);
        if (call[0].endsWith('.gz')) object.stream.destroy();
        return call[0].endsWith('.gz') ? await target.openRead(`${call[0]}.sha256`, call[1]) : object;
      };
    },
  });
};

test('a snapshot that could not be mirrored on its day is copied with the next one', async () => {
  await close();
  await open({ SNAPSHOT_KEEP_DAILY: '3' });
  const { name: unmirrored } = await stores.take({ now: () => new Date(Date.now() - DAY_MS) });
  await stores.verify(unmirrored);
  const gone = await earlier(2);
  for (const object of objectsOf(gone)) await stores.store.remove(object, never);
  for (const object of objectsOf(gone)) await stores.mirror.remove(object, never);
  await environment.queues.add('maintenance', { task: 'snapshot' });
  await work();
  await completed('snapshot', 1);
  const [newest] = await records();
  expect(await mirrored()).toEqual([...objectsOf(unmirrored), ...objectsOf(newest?._id ?? '')].sort());
});

describe('the daily snapshot', () => {
  test('is taken by schedule: stored, recorded, verified, mirrored, and only then the older one is pruned', async () => {
    const slot = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 3_000);
    await dueAt(slot);
    // In time for the previous slot.
    const old = await earlier(23 / 24);
    await checkSchedules();
    await work();
    const [job] = await completed('snapshot', 1);
    expect(job?.opts.prevMillis).toBe(slot.getTime());

    const [made, before, ...others] = await records();
    const name = made?._id ?? '';
    expect(others).toEqual([]);
    expect(made).toMatchObject({ status: 'stored', verification: 'bytes', verified_at: expect.any(Date) });
    expect(made?.started_at.getTime()).toBeGreaterThanOrEqual(slot.getTime());
    expect(before).toMatchObject({ _id: old, status: 'pruned' });
    expect(await stores.objects()).toEqual(objectsOf(name));
    expect(await mirrored()).toEqual(objectsOf(name));
    const inBucket = await stores.store.stat(snapshotKey(name), never);
    const md5 = createHash('md5').update(await stores.read(name));
    expect(await stores.mirror.stat(snapshotKey(name), never)).toMatchObject({
      sizeBytes: made?.size,
      md5: md5.digest('hex'),
    });

    // The same slot again, and a check that finds nothing missed.
    await maintenance().add('snapshot', { task: 'snapshot' }, { prevMillis: slot.getTime() });
    await completed('snapshot', 2);
    await environment.queues.add('maintenance', { task: 'snapshot' });
    const jobs = await completed('snapshot', 3);
    await checkSchedules();
    expect(jobs.map(({ returnvalue }) => returnvalue as unknown)).toContainEqual({
      ...{ snapshot: name, isNew: false, pruned: 0 },
    });
    expect((await records()).map(({ _id }) => _id)).toEqual([name, old]);
    expect((await stores.store.stat(snapshotKey(name), never))?.etag).toBe(inBucket?.etag);
    // One line for the earlier day and one for this.
    expect(await linesOfLog()).toHaveLength(2);
  });

  test('that is damaged fails, is not mirrored, and prunes nothing', async () => {
    const old = await earlier(1);
    await work({ openBucket: openDamagingBucket });
    await environment.queues.add('maintenance', { task: 'snapshot' });
    await failed('snapshot');
    const all = await records();
    expect(all.find(({ _id }) => _id === old)).toMatchObject({ status: 'stored', verification: 'bytes' });
    const damaged = all.filter(({ _id }) => _id !== old);
    expect(damaged.length).toBeGreaterThan(0);
    for (const record of damaged) expect(record).toMatchObject({ status: 'stored', verification: 'failed' });
    expect(await mirrored()).toEqual(objectsOf(old));
    expect(await stores.objects()).toEqual(expect.arrayContaining(objectsOf(old)));
  });

  test('is mirrored by a retry without a new snapshot', async () => {
    let refusals = 0;
    const openMirror: WorkerFactories['openMirror'] = (...args) => {
      const store = WORKER_FACTORIES.openMirror(...args);
      const ensureContainer = store.ensureContainer.bind(store);
      return Object.assign(store, {
        ensureContainer: (signal: AbortSignal) => {
          refusals += 1;
          if (refusals === 1) return Promise.reject(new TransientError('network', 'Azure is away.'));
          return ensureContainer(signal);
        },
      });
    };
    await work({ openMirror });
    await environment.queues.add('maintenance', { task: 'snapshot' });
    const [job] = await completed('snapshot', 1);
    expect(job?.attemptsMade).toBe(2);
    const [made, ...others] = await records();
    expect(others).toEqual([]);
    expect(await mirrored()).toEqual(objectsOf(made?._id ?? ''));
  });
});

describe('a missed snapshot', () => {
  // The time of day that is farthest from now.
  beforeEach(() => dueAt(new Date(Date.now() - DAY_MS / 2)));

  test('is taken once when two worker processes start, and not again', async () => {
    const old = await earlier(3);
    startProcess();
    startProcess();
    const made = await eventually(
      'a new snapshot',
      records,
      ([newest]) => newest?._id !== old && newest?.verification === 'bytes',
      DEADLINE_MS,
    );
    expect(made).toHaveLength(2);
    // A process that starts later finds no missed slot, and a late job takes no second snapshot.
    await completed('snapshot', 1);
    await environment.queues.add('maintenance', { task: 'snapshot' });
    await completed('snapshot', 2);
    await checkSchedules();
    await eventually('an idle queue', async () => (await maintenance().getActiveCount()) === 0);
    expect((await records()).map(({ status }) => status)).toEqual(['stored', 'pruned']);
    expect(await linesOfLog()).toHaveLength(2);
    expect((await jobsOf('snapshot', 'completed')).length).toBe(2);
  });

  test('is not taken within an hour of a failed attempt, and not when none was ever taken', async () => {
    const { snapshots } = environment.database;
    const isAsked = async () => {
      await checkSchedules();
      const jobs = await jobsOf('snapshot', 'waiting');
      await maintenance().drain();
      await maintenance().removeDeduplicationKey('snapshot');
      return jobs.length;
    };
    expect(await isAsked()).toBe(0);
    const minutesAgo = async (minutes: number) => {
      const { name } = await stores.take({ now: () => new Date(Date.now() - minutes * MINUTE_MS) });
      await snapshots.markFailed(name, 'a test', new Date(), 'stored');
      for (const object of objectsOf(name)) await stores.store.remove(object, never);
    };
    await minutesAgo(90);
    expect(await isAsked()).toBe(1);
    await minutesAgo(30);
    expect(await isAsked()).toBe(0);
  });

  test('is taken by the next worker when its worker is killed', async () => {
    const rows = Array.from({ length: 2_000 }, () => ({ noise: randomBytes(10_000) }));
    await databaseOf(environment.database.connection).collection('many').insertMany(rows);
    await earlier(3);
    const killed = startProcess();
    const running = () => environment.database.snapshots.withStatus('running');
    const [lost] = await eventually('the beginning', running, (all) => all.length > 0, DEADLINE_MS);
    killed.kill('SIGKILL');
    expect(await killed.ended).toBe('SIGKILL');
    expect(await running()).toHaveLength(1);
    startProcess();
    // Its worker may still be alive; the job waits, with no attempt counted.
    const postponed = async () =>
      (await jobsOf('snapshot', 'delayed')).filter(({ opts }) => opts.prevMillis === undefined);
    const [waiting] = await eventually(
      'the job that waits',
      postponed,
      ({ length }) => length > 0,
      DEADLINE_MS,
    );
    expect(waiting?.attemptsMade).toBe(0);
    await environment.database.snapshots.keepAlive(lost?._id ?? '', new Date(Date.now() - 2 * MINUTE_MS));
    await waiting?.promote();
    await completed('snapshot', 1);
    const [made, before] = await records();
    expect(made).toMatchObject({ status: 'stored', verification: 'bytes' });
    expect(before).toMatchObject({ _id: lost?._id, status: 'failed' });
    expect(await stores.objects()).toEqual(objectsOf(made?._id ?? ''));
  });
});

describe('the weekly verification', () => {
  test('restores the newest snapshot on trial; a damaged one fails and is no longer verified', async () => {
    const verification = async (name: string) =>
      (await environment.database.snapshots.findById(name))?.verification;
    await checkSchedules();
    expect((await environment.queues.schedules.next()).has('cron.verify-snapshot')).toBe(true);
    await work();
    await environment.queues.add('maintenance', { task: 'verify-snapshot' });
    const [first] = await completed('verify-snapshot', 1);
    expect(first?.returnvalue).toEqual({ snapshot: 'none' });
    const { name } = await stores.take();
    await environment.queues.add('maintenance', { task: 'verify-snapshot' });
    await completed('verify-snapshot', 2);
    expect(await verification(name)).toBe('restored');
    await stores.replace(name, (await stores.read(name)).subarray(0, 200));
    await environment.queues.add('maintenance', { task: 'verify-snapshot' });
    const [second] = await failed('verify-snapshot');
    expect(second?.failedReason).toMatch(/is damaged: .* Another one is taken automatically\.$/);
    expect(await verification(name)).toBe('failed');
    // It no longer belongs to its slot, and after an hour it is no recent attempt.
    const { snapshots } = environment.database;
    const isMissed = (at: number) =>
      isSnapshotMissed(snapshots, environment.config.snapshots.schedule, new Date(at));
    expect(await isMissed(Date.now() + 5 * MINUTE_MS)).toBe(false);
    expect(await isMissed(Date.now() + 61 * MINUTE_MS)).toBe(true);
  });
});
