import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createStaging } from '../../src/staging/staging.ts';
import { JobQueues } from '../../src/queues/job-queues.ts';
import { collectStatus } from '../../src/reports/status.ts';
import { StagingGate } from '../../src/staging/staging-gate.ts';
import { ReservationLedger } from '../../src/staging/reservations.ts';
import { readStagingId } from '../../src/staging/staging-id.ts';
import { measureStaging } from '../../src/staging/staging-usage.ts';
import { HeldBackError } from '../../src/staging/held-back-error.ts';
import { createDownloadProcessor } from '../../src/workers/processors/download.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { openTestSetting, type TestEnvironment } from '../support/test-environment.ts';
import { stagingProducer, type StagingProducer } from '../support/staging-producer.ts';

/** Of 100 s: 3.4 MB of source, 4 MB of MP3, 2 MB beside. */
const SECONDS = 100;
const NEEDED_BYTES = 9_400_000;

let setting: TestEnvironment;
const opened: JobQueues[] = [];

beforeEach(async () => {
  setting = await openTestSetting({
    STAGING_MAX_BYTES: String(3.5 * NEEDED_BYTES),
    STAGING_MIN_FREE_BYTES: '0',
    OPERATOR_PROBE_SECONDS: '60',
  });
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((queues) => queues.close()));
  await setting.close();
});

/** A gate as another worker process has it: with a connection of its own. */
function otherGate(directory = setting.config.staging.directory): StagingGate {
  const queues = new JobQueues(setting.config.redis);
  opened.push(queues);
  const { config } = setting;
  return new StagingGate({ ...config, staging: { ...config.staging, directory } }, queues.redis);
}

describe('reservations', () => {
  test('ten workers that begin in the same moment do not overshoot together', async () => {
    let running = 0;
    let most = 0;
    let letGo: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => (letGo = resolve));
    const outcomes = Array.from({ length: 10 }, () =>
      otherGate().within(SECONDS, async () => {
        running += 1;
        most = Math.max(most, running);
        await gone;
      }),
    );
    const settled = Promise.allSettled(outcomes);
    await eventually('three that run', () => running === 3);
    const refusals = await eventually(
      'seven that are held back',
      async () => {
        const states = await Promise.all(outcomes.map((outcome) => isHeldBack(outcome)));
        return states.filter(Boolean).length;
      },
      (count) => count === 7,
    );
    letGo();
    await settled;
    expect({ most, refusals }).toEqual({ most: 3, refusals: 7 });
    // Everything was given back.
    await expect(otherGate().within(SECONDS, () => Promise.resolve('in'))).resolves.toBe('in');
  });

  test('the reservation of a worker that died ends by itself, one that is renewed does not', async () => {
    const { directory } = setting.config.staging;
    const id = await readStagingId(directory);
    const dead = new ReservationLedger(setting.queues.redis, setting.config.redis.prefix, id, 400);
    expect(await dead.add('dead', 3 * NEEDED_BYTES, (await dead.read()).version)).toBe(true);
    const gate = otherGate();
    const refusal = await refusalOf(gate.within(SECONDS, () => Promise.resolve()));
    expect(refusal.message).toContain('STAGING_MAX_BYTES');
    await eventually('the end of the lease', async () => (await dead.read()).downloads === 0);

    // Renewed every third of JOB_LOCK_SECONDS (2 s here) it outlives that.
    let isRunning = false;
    const startedAt = Date.now();
    await gate.within(SECONDS, async () => {
      isRunning = true;
      await eventually('more than one lease', async () => {
        expect((await dead.read()).downloads).toBe(1);
        return Date.now() - startedAt > 3_000;
      });
    });
    expect(isRunning).toBe(true);
    expect(await dead.read()).toMatchObject({ downloads: 0, bytes: 0 });
  });

  test('a directory counts by what it is, not by its path; another one counts for itself', async () => {
    const { directory } = setting.config.staging;
    await mkdir(directory, { recursive: true });
    const sameByAnotherPath = path.join(setting.directory, 'link');
    await symlink(directory, sameByAnotherPath);
    const other = path.join(setting.directory, 'other');
    const within = (where: string, work: () => Promise<void>) => otherGate(where).within(SECONDS * 3, work);
    await within(directory, async () => {
      await expect(within(sameByAnotherPath, () => Promise.resolve())).rejects.toThrow(HeldBackError);
      await within(other, () => Promise.resolve());
    });
  });

  test('a lost Redis keeps a download going and gets the reservation back with its renewal', async () => {
    const id = await readStagingId(setting.config.staging.directory);
    const ledger = new ReservationLedger(setting.queues.redis, setting.config.redis.prefix, id, 60_000);
    await otherGate().within(SECONDS, async () => {
      const keys = await setting.queues.redis.keys(`${setting.config.redis.prefix}:staging:*`);
      await setting.queues.redis.del(...keys);
      await eventually('the reservation', async () => (await ledger.read()).downloads === 1);
    });
  });
});

describe('downloads', () => {
  let workers: TestWorkers;
  let producer: StagingProducer;

  beforeEach(async () => {
    producer = stagingProducer(setting.config.staging.directory, { sizeBytes: 4_000_000, seconds: SECONDS });
    workers = new TestWorkers(setting);
    await setting.database.videos.discover(
      IDS.map((videoId) => ({
        key: { provider: 'youtube', videoId },
        url: `https://www.youtube.com/watch?v=${videoId}`,
        durationSeconds: SECONDS,
      })),
    );
  });

  afterEach(async () => {
    producer.letGo();
    await workers.stop();
  });

  /** A worker process of its own, as far as staging is concerned. */
  const startWorker = () =>
    workers.start(
      'download',
      createDownloadProcessor({
        database: setting.database,
        queues: setting.queues,
        retry: setting.config.retry,
        audio: producer,
        staging: createStaging(setting.config.staging.directory),
        gate: otherGate(),
      }),
      // One more than there is room for, so that each worker is refused.
      4,
    );

  test('stop while staging is full, go on when uploads make room, and no attempt is counted', async () => {
    const { directory, maxBytes } = setting.config.staging;
    const staging = createStaging(directory);
    startWorker();
    startWorker();
    for (const videoId of IDS) {
      await setting.queues.addStage('download', { provider: 'youtube', videoId }, 0);
    }
    const pauses = await eventually(
      'both workers to be held back',
      () => setting.queues.pauses.list(),
      (found) => found.length === 2,
    );
    expect(pauses).toMatchObject([
      { queue: 'download', kind: 'back_pressure', class: 'back_pressure' },
      { queue: 'download', kind: 'back_pressure', class: 'back_pressure' },
    ]);
    expect((await collectStatus(setting.database, setting.queues)).pauses).toHaveLength(2);
    expect(producer.running()).toBeLessThanOrEqual(3);

    // From here on downloads end at once; "uploads" take one file away at a time.
    producer.letGo();
    const gate = otherGate();
    const seen = new Set<string>();
    let mostBytes = 0;
    while (seen.size < IDS.length) {
      const found = await eventually(
        'a staged file',
        async () => {
          mostBytes = Math.max(mostBytes, (await measureStaging(directory)).stagedBytes);
          for await (const { key } of staging.listStaged()) return key;
          return undefined;
        },
        (key) => key !== undefined,
      );
      if (found === undefined) throw new Error('there is none');
      seen.add(found.videoId);
      await staging.removeStaged(found);
      await gate.announceCapacity();
    }
    await eventually('the end of all pauses', async () => (await setting.queues.pauses.list()).length === 0);
    expect(mostBytes).toBeLessThanOrEqual(maxBytes);
    const { completed, failed } = await eventually(
      'all jobs',
      () => setting.queues.counts('download'),
      (counts) => counts.completed === IDS.length,
    );
    expect({ completed, failed }).toEqual({ completed: IDS.length, failed: 0 });
    const jobs = await setting.queues.queue('download').getCompleted();
    expect(jobs.map(({ attemptsMade }) => attemptsMade)).toEqual(IDS.map(() => 1));
    // One start that ends in a finished file, and few that were held back: nothing spins.
    const starts = jobs.reduce((sum, job) => sum + job.attemptsStarted, 0);
    expect(starts).toBeLessThan(IDS.length * 5);
  });

  test('an upload that ends wakes a worker that waits; it does not ask again and again', async () => {
    const { directory } = setting.config.staging;
    const staging = createStaging(directory);
    const full = stagingProducer(directory, { sizeBytes: 8_000_000, seconds: SECONDS });
    full.letGo();
    producer.letGo();
    const [waiting = '', ...others] = IDS.map((videoId) => ({ provider: 'youtube', videoId }) as const);
    if (waiting === '') throw new Error('there is no video');
    for (const key of others.slice(0, 3)) await full.produce(key);
    startWorker();
    await setting.queues.addStage('download', waiting, 0);
    await eventually('the pause', async () => (await setting.queues.pauses.list()).length === 1);
    // It looks once more by itself, a quarter of a second later; only then it has to be told.
    const from = Date.now();
    await eventually('that look', () => Date.now() - from > 1_500);
    for (const key of others.slice(0, 1)) await staging.removeStaged(key);
    // The next look without being told is a minute away.
    await otherGate().announceCapacity();
    const [job] = await eventually(
      'the download',
      () => setting.queues.queue('download').getCompleted(),
      (jobs) => jobs.length === 1,
    );
    expect(job).toMatchObject({ attemptsMade: 1 });
    expect(job?.attemptsStarted).toBeLessThan(5);
  });

  test('a file that is staged already needs no room', async () => {
    const [videoId = ''] = IDS;
    const key = { provider: 'youtube', videoId } as const;
    producer.letGo();
    await producer.produce(key);
    await writeFile(path.join(setting.config.staging.directory, 'youtube', `filler`), '');
    const id = await readStagingId(setting.config.staging.directory);
    const full = new ReservationLedger(setting.queues.redis, setting.config.redis.prefix, id, 60_000);
    await full.add('another', 100 * NEEDED_BYTES, (await full.read()).version);
    startWorker();
    await setting.queues.addStage('download', key, 0);
    await eventually('the upload job', async () => (await setting.queues.counts('upload')).waiting === 1);
  });
});

const IDS = Array.from({ length: 12 }, (_, index) => `video-${String(index).padStart(5, '0')}`);

async function isHeldBack(outcome: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  try {
    await Promise.race([outcome, Promise.resolve(pending)]);
    return false;
  } catch (error) {
    return error instanceof HeldBackError;
  }
}

async function refusalOf(outcome: Promise<unknown>): Promise<HeldBackError> {
  try {
    await outcome;
  } catch (error) {
    if (error instanceof HeldBackError) return error;
    throw error;
  }
  throw new Error('It was let in.');
}
