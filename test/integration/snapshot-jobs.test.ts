import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { databaseOf } from '../../src/snapshots/native-database.ts';
import { snapshotKey } from '../../src/snapshots/snapshot-names.ts';
import type { MaintenancePayload } from '../../src/queues/payloads.ts';
import { TransientError } from '../../src/domain/job-errors.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import type { OpenObject } from '../../src/storage/object-store.ts';
import { keepCronSchedules } from '../../src/workers/cron-schedules.ts';
import { WORKER_FACTORIES, type WorkerFactories } from '../../src/workers/worker-factories.ts';
import { mirrorSnapshot } from '../../src/snapshots/mirror-snapshot.ts';
import { isSnapshotMissed } from '../../src/snapshots/slot.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { startProgram, type Program } from '../support/program.ts';
import { startMaintenanceWorker } from '../support/real-workers.ts';
import { objectsOf, openSnapshotTest, type SnapshotTest } from '../support/snapshot-setting.ts';
import { openTestSetting, type TestEnvironment } from '../support/test-environment.ts';

jest.setTimeout(180_000);

const DAY_MS = 24 * 3_600_000;
const MINUTE_MS = 60_000;
/** The start of a process on a busy machine, two looks at lost jobs, the work itself. */
const DEADLINE_MS = 60_000;
/** One snapshot stays, once a newer one is verified. */
const KEEP_ONE = { SNAPSHOT_KEEP_DAILY: '1', SNAPSHOT_KEEP_WEEKLY: '0', SNAPSHOT_KEEP_MONTHLY: '0' };
/** A snapshot is named by the second: two attempts are further apart. */
const ATTEMPT_DELAY_SECONDS = '2.1';
const never = new AbortController().signal;

let setting: TestEnvironment;
let places: SnapshotTest;
let workers: TestWorkers;
let programs: Program[];

beforeEach(async () => {
  programs = [];
  await open({});
});
afterEach(async () => {
  for (const program of programs) program.kill('SIGKILL');
  await Promise.all(programs.map((program) => program.ended));
  await close();
});

async function open(overrides: Readonly<Record<string, string>>): Promise<void> {
  setting = await openTestSetting({
    ...{ ...KEEP_ONE, ATTEMPT_DELAY_SECONDS, SCHEDULE_TIME_ZONE: 'UTC' },
    ...overrides,
  });
  places = openSnapshotTest(setting);
  workers = new TestWorkers(setting);
}

async function close(): Promise<void> {
  await workers.stop();
  places.close();
  await setting.close();
}

/** A setting whose daily snapshot is due at this time. */
async function dueAt(at: Date): Promise<void> {
  await close();
  const fields = [at.getUTCSeconds(), at.getUTCMinutes(), at.getUTCHours()];
  await open({ SNAPSHOT_PATTERN: `${fields.join(' ')} * * *` });
}

/** The look that each worker of the maintenance queue takes when it starts, and every minute. */
const look = () =>
  keepCronSchedules({
    ...{ config: setting.config, database: setting.database, queues: setting.queues, sources: [] },
    ...{ logger: createSilentLogger(), workerName: 'test', now: () => new Date() },
  });
const work = (parts: Partial<WorkerFactories> = {}) =>
  startMaintenanceWorker(setting, workers, createSilentLogger(), { ...WORKER_FACTORIES, ...parts });
const startProcess = () => {
  const program = startProgram('worker', ['maintenance'], setting);
  programs.push(program);
  return program;
};

const records = () => setting.database.snapshots.recent(100);
const maintenance = () => setting.queues.queue('maintenance');
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
  const pages = await Array.fromAsync(places.mirror.list('', never));
  return pages
    .flat()
    .map(({ name }) => name)
    .sort();
}

/** A snapshot of an earlier day, as its own job left it. */
async function earlier(daysAgo: number): Promise<string> {
  const { name } = await places.take({ now: () => new Date(Date.now() - daysAgo * DAY_MS) });
  await places.verify(name);
  await mirrorSnapshot({ source: places.store, target: places.mirror }, name, { signal: never });
  return name;
}

async function linesOfLog(): Promise<string[]> {
  const log = await readFile(setting.config.versionLogFile, 'utf8');
  return log.split('\n').filter((line) => line.includes('`MONGO_SNAPSHOT`'));
}

/** A bucket that gives other bytes of each snapshot than it was given. */
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

test('an earlier snapshot that Azure did not take on its day is copied with the next one', async () => {
  await close();
  await open({ SNAPSHOT_KEEP_DAILY: '3' });
  const { name: unmirrored } = await places.take({ now: () => new Date(Date.now() - DAY_MS) });
  await places.verify(unmirrored);
  const gone = await earlier(2);
  for (const object of objectsOf(gone)) await places.store.remove(object, never);
  for (const object of objectsOf(gone)) await places.mirror.remove(object, never);
  await setting.queues.addMaintenance('snapshot');
  await work();
  await completed('snapshot', 1);
  const [newest] = await records();
  expect(await mirrored()).toEqual([...objectsOf(unmirrored), ...objectsOf(newest?._id ?? '')].sort());
});

describe('the daily snapshot', () => {
  test('is made by its schedule: stored, recorded, verified, mirrored, and only then the older one pruned', async () => {
    const slot = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 3_000);
    await dueAt(slot);
    // In time for the slot before.
    const old = await earlier(23 / 24);
    await look();
    await work();
    const [job] = await completed('snapshot', 1);
    expect(job?.opts.prevMillis).toBe(slot.getTime());

    const [made, before, ...others] = await records();
    const name = made?._id ?? '';
    expect(others).toEqual([]);
    expect(made).toMatchObject({ status: 'stored', verification: 'bytes', verified_at: expect.any(Date) });
    expect(made?.started_at.getTime()).toBeGreaterThanOrEqual(slot.getTime());
    expect(before).toMatchObject({ _id: old, status: 'pruned' });
    expect(await places.objects()).toEqual(objectsOf(name));
    expect(await mirrored()).toEqual(objectsOf(name));
    const inBucket = await places.store.stat(snapshotKey(name), never);
    const md5 = createHash('md5').update(await places.read(name));
    expect(await places.mirror.stat(snapshotKey(name), never)).toMatchObject({
      sizeBytes: made?.size,
      md5: md5.digest('hex'),
    });

    // The same slot again, and a look that finds nothing missed.
    await maintenance().add('snapshot', { task: 'snapshot' }, { prevMillis: slot.getTime() });
    await completed('snapshot', 2);
    await setting.queues.addMaintenance('snapshot');
    const jobs = await completed('snapshot', 3);
    await look();
    expect(jobs.map(({ returnvalue }) => returnvalue as unknown)).toContainEqual({
      ...{ snapshot: name, isNew: false, pruned: 0 },
    });
    expect((await records()).map(({ _id }) => _id)).toEqual([name, old]);
    expect((await places.store.stat(snapshotKey(name), never))?.etag).toBe(inBucket?.etag);
    // One line for the earlier day and one for this.
    expect(await linesOfLog()).toHaveLength(2);
  });

  test('that turns out damaged fails, is not mirrored, and pushes nothing out', async () => {
    const old = await earlier(1);
    await work({ openBucket: openDamagingBucket });
    await setting.queues.addMaintenance('snapshot');
    await failed('snapshot');
    const all = await records();
    expect(all.find(({ _id }) => _id === old)).toMatchObject({ status: 'stored', verification: 'bytes' });
    const damaged = all.filter(({ _id }) => _id !== old);
    expect(damaged.length).toBeGreaterThan(0);
    for (const record of damaged) expect(record).toMatchObject({ status: 'stored', verification: 'failed' });
    expect(await mirrored()).toEqual(objectsOf(old));
    expect(await places.objects()).toEqual(expect.arrayContaining(objectsOf(old)));
  });

  test('whose mirror failed at first is the same one when that is tried again', async () => {
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
    await setting.queues.addMaintenance('snapshot');
    const [job] = await completed('snapshot', 1);
    expect(job?.attemptsMade).toBe(2);
    const [made, ...others] = await records();
    expect(others).toEqual([]);
    expect(await mirrored()).toEqual(objectsOf(made?._id ?? ''));
  });
});

describe('a missed snapshot', () => {
  // Of all times of the day the one that is farthest from now.
  beforeEach(() => dueAt(new Date(Date.now() - DAY_MS / 2)));

  test('is made up for once when two worker processes start, and not again', async () => {
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
    // A process that starts later finds nothing missed; nor does a job that comes late make a second one.
    await completed('snapshot', 1);
    await setting.queues.addMaintenance('snapshot');
    await completed('snapshot', 2);
    await look();
    await eventually('an idle queue', async () => (await maintenance().getActiveCount()) === 0);
    expect((await records()).map(({ status }) => status)).toEqual(['stored', 'pruned']);
    expect(await linesOfLog()).toHaveLength(2);
    expect((await jobsOf('snapshot', 'completed')).length).toBe(2);
  });

  test('is left alone for an hour after an attempt that failed; where none was ever made, it is left to its time', async () => {
    const { snapshots } = setting.database;
    const isAsked = async () => {
      await look();
      const jobs = await jobsOf('snapshot', 'waiting');
      await maintenance().drain();
      await maintenance().removeDeduplicationKey('snapshot');
      return jobs.length;
    };
    expect(await isAsked()).toBe(0);
    const minutesAgo = async (minutes: number) => {
      const { name } = await places.take({ now: () => new Date(Date.now() - minutes * MINUTE_MS) });
      await snapshots.markFailed(name, 'a test', new Date());
      for (const object of objectsOf(name)) await places.store.remove(object, never);
    };
    await minutesAgo(90);
    expect(await isAsked()).toBe(1);
    await minutesAgo(30);
    expect(await isAsked()).toBe(0);
  });

  test('whose worker is killed in the middle is made by the next one', async () => {
    const rows = Array.from({ length: 2_000 }, () => ({ noise: randomBytes(10_000) }));
    await databaseOf(setting.database.connection).collection('many').insertMany(rows);
    await earlier(3);
    const killed = startProcess();
    const running = () => setting.database.snapshots.withStatus('running');
    const [dead] = await eventually('the beginning', running, (all) => all.length > 0, DEADLINE_MS);
    killed.kill('SIGKILL');
    expect(await killed.ended).toBe('SIGKILL');
    expect(await running()).toHaveLength(1);
    startProcess();
    // It may be alive for all that anybody knows; the job waits, and spends no attempt on it.
    const postponed = async () =>
      (await jobsOf('snapshot', 'delayed')).filter(({ opts }) => opts.prevMillis === undefined);
    const [waiting] = await eventually(
      'the job that waits',
      postponed,
      ({ length }) => length > 0,
      DEADLINE_MS,
    );
    expect(waiting?.attemptsMade).toBe(0);
    await setting.database.snapshots.keepAlive(dead?._id ?? '', new Date(Date.now() - 2 * MINUTE_MS));
    await waiting?.promote();
    await completed('snapshot', 1);
    const [made, before] = await records();
    expect(made).toMatchObject({ status: 'stored', verification: 'bytes' });
    expect(before).toMatchObject({ _id: dead?._id, status: 'failed' });
    expect(await places.objects()).toEqual(objectsOf(made?._id ?? ''));
  });
});

describe('the weekly verification', () => {
  test('restores the newest snapshot for a trial; one that is damaged fails and counts as verified no longer', async () => {
    const verification = async (name: string) => (await setting.database.snapshots.find(name))?.verification;
    await look();
    expect((await setting.queues.cron.next()).has('cron.verify-snapshot')).toBe(true);
    await work();
    await setting.queues.addMaintenance('verify-snapshot');
    const [first] = await completed('verify-snapshot', 1);
    expect(first?.returnvalue).toEqual({ snapshot: 'none' });
    const { name } = await places.take();
    await setting.queues.addMaintenance('verify-snapshot');
    await completed('verify-snapshot', 2);
    expect(await verification(name)).toBe('restored');
    await places.replace(name, (await places.read(name)).subarray(0, 200));
    await setting.queues.addMaintenance('verify-snapshot');
    const [second] = await failed('verify-snapshot');
    expect(second?.failedReason).toMatch(/is damaged: .* Another one is made by itself\.$/);
    expect(await verification(name)).toBe('failed');
    // It stands for its slot no longer, and no longer counts as a recent attempt after an hour.
    const { snapshots } = setting.database;
    const isMissed = (at: number) =>
      isSnapshotMissed(snapshots, setting.config.snapshots.schedule, new Date(at));
    expect(await isMissed(Date.now() + 5 * MINUTE_MS)).toBe(false);
    expect(await isMissed(Date.now() + 61 * MINUTE_MS)).toBe(true);
  });
});
