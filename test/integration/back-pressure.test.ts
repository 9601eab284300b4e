import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Config } from '../../src/config/config.ts';
import { openStaging } from '../../src/staging/open-staging.ts';
import type { Staging } from '../../src/staging/staging.ts';
import type { MinioStore } from '../../src/storage/minio-store.ts';
import { openMinioStore } from '../../src/storage/open-minio-store.ts';
import { JobQueues } from '../../src/queues/job-queues.ts';
import { collectStatus } from '../../src/reports/status.ts';
import { whyStagingIsFull } from '../../src/staging/capacity.ts';
import { StagingGate } from '../../src/staging/staging-gate.ts';
import { ReservationLedger } from '../../src/staging/reservations.ts';
import { SnoozeError } from '../../src/domain/job-errors.ts';
import { createDownloadProcessor } from '../../src/workers/processors/download.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { stagingProducer, type StagingProducer } from '../support/staging-producer.ts';

/** For 100 s: 3.4 MB of source, 4 MB of MP3, 2 MB of other files. */
const SECONDS = 100;
const NEEDED_BYTES = 9_400_000;

let environment: TestEnvironment;
let bucket: MinioStore;
let staging: Staging;
const opened: JobQueues[] = [];
let hosts = 0;

const FORMS: readonly Config['staging']['form'][] = ['directory', 's3'];

describe.each(FORMS)('with staging as %s', (form) => {
  beforeEach(async () => {
    environment = await openTestEnvironment({
      STAGING: form,
      STAGING_MAX_BYTES: String(3.5 * NEEDED_BYTES),
      STAGING_MIN_FREE_BYTES: '0',
      OPERATOR_PROBE_SECONDS: '60',
    });
    bucket = openMinioStore(environment.config.minio, environment.config.storage);
    staging = stagingIn(environment.config.staging.directory);
    await staging.prepare(new AbortController().signal);
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((queues) => queues.close()));
    bucket.close();
    await environment.close();
  });

  const stagingIn = (directory: string) => openStaging({ form, directory }, () => bucket);

  /** A gate with its own connection, as in another worker process; with the bucket it is on a host of its own. */
  function otherGate(directory = directoryOfHost()): StagingGate {
    const queues = new JobQueues(environment.config.redis);
    opened.push(queues);
    const { config } = environment;
    const own = { ...config, staging: { ...config.staging, directory } };
    return new StagingGate(own, queues.redis, stagingIn(directory));
  }

  function directoryOfHost(): string {
    hosts += 1;
    return form === 's3'
      ? path.join(environment.directory, `host-${String(hosts)}`)
      : environment.config.staging.directory;
  }

  const ledgerOf = async (leaseMs: number) =>
    new ReservationLedger(
      environment.queues.redis,
      environment.config.redis.prefix,
      await staging.id(),
      leaseMs,
    );

  describe('reservations', () => {
    test('of ten workers that start at the same moment do not exceed the capacity together', async () => {
      let running = 0;
      let most = 0;
      let release: () => void = () => undefined;
      const gone = new Promise<void>((resolve) => (release = resolve));
      const outcomes = Array.from({ length: 10 }, () =>
        otherGate().runWithReservation(SECONDS, async () => {
          running += 1;
          most = Math.max(most, running);
          await gone;
        }),
      );
      const allSettled = Promise.allSettled(outcomes);
      await eventually('three that run', () => running === 3);
      const refusals = await eventually(
        'seven that are held back',
        async () => {
          const states = await Promise.all(outcomes.map((outcome) => isHeldBack(outcome)));
          return states.filter(Boolean).length;
        },
        (count) => count === 7,
      );
      release();
      await allSettled;
      expect({ most, refusals }).toEqual({ most: 3, refusals: 7 });
      // All reservations were released.
      await expect(otherGate().runWithReservation(SECONDS, () => Promise.resolve('in'))).resolves.toBe('in');
    });

    test('of a lost worker expire, renewed ones do not', async () => {
      const lost = await ledgerOf(400);
      await lost.renew('lost', 3 * NEEDED_BYTES);
      const gate = otherGate();
      const refusal = await refusalOf(gate.runWithReservation(SECONDS, () => Promise.resolve()));
      expect(refusal.message).toContain('STAGING_MAX_BYTES');
      await eventually('the end of the lease', async () => (await lost.read()).reserved.downloads === 0);

      // It is renewed every third of JOB_LOCK_SECONDS (2 s here).
      let isRunning = false;
      const startedAt = Date.now();
      await gate.runWithReservation(SECONDS, async () => {
        isRunning = true;
        await eventually('more than one lease', async () => {
          expect((await lost.read()).reserved.downloads).toBe(1);
          return Date.now() - startedAt > 3_000;
        });
      });
      expect(isRunning).toBe(true);
      expect((await lost.read()).reserved).toMatchObject({ downloads: 0, bytes: 0 });
    });

    test('count for the directory itself and not for its path; another directory has its own', async () => {
      if (form === 's3') return;
      const { directory } = environment.config.staging;
      await mkdir(directory, { recursive: true });
      const sameByAnotherPath = path.join(environment.directory, 'link');
      await symlink(directory, sameByAnotherPath);
      const other = path.join(environment.directory, 'other');
      const within = (where: string, work: () => Promise<void>) =>
        otherGate(where).runWithReservation(SECONDS * 3, work);
      await within(directory, async () => {
        await expect(within(sameByAnotherPath, () => Promise.resolve())).rejects.toThrow(SnoozeError);
        await within(other, () => Promise.resolve());
      });
    });

    test('become counted files when they end, until the files are removed; a measurement corrects the count', async () => {
      const [videoId = ''] = IDS;
      const key = { provider: 'youtube', videoId } as const;
      const id = `youtube.${videoId}`;
      const ledger = await ledgerOf(60_000);
      const counted = async () => {
        const { stagedFiles, stagedBytes, reserved } = await ledger.read();
        return { stagedFiles, stagedBytes, downloads: reserved.downloads };
      };
      const beforeMs = (await ledger.read()).nowMs;
      const gate = otherGate();
      await gate.runWithReservation(SECONDS, (onStaged) => {
        onStaged(key, 4_000);
        return Promise.resolve();
      });
      expect(await counted()).toEqual({ stagedFiles: 1, stagedBytes: 4_000, downloads: 0 });
      // A listing that began before it does not have it.
      await ledger.noteMeasured(beforeMs, []);
      expect(await counted()).toEqual({ stagedFiles: 1, stagedBytes: 4_000, downloads: 0 });
      await gate.noteRemoved(key);
      await gate.noteRemoved(key);
      expect(await counted()).toEqual({ stagedFiles: 0, stagedBytes: 0, downloads: 0 });

      // Its worker was killed before it could count it, or before it could say that it is gone.
      await ledger.noteMeasured((await ledger.read()).nowMs, [{ id, sizeBytes: 5_000 }]);
      expect(await counted()).toEqual({ stagedFiles: 1, stagedBytes: 5_000, downloads: 0 });
      await ledger.noteMeasured((await ledger.read()).nowMs + 1, []);
      expect(await counted()).toEqual({ stagedFiles: 0, stagedBytes: 0, downloads: 0 });
    });

    test('are made by Redis on the conditions that explain a refusal', async () => {
      const few = fc.integer({ min: 0, max: 4 });
      const downloads = fc.array(fc.record({ isHere: fc.boolean(), bytes: few }), { maxLength: 3 });
      const sizes = fc.array(few, { maxLength: 3 });
      const disk = fc.record({ isOnWorkDisk: fc.boolean(), workBytes: few, freeBytes: fc.nat(12) });
      const limits = fc.record({ maxFiles: fc.integer({ min: 1, max: 5 }), maxBytes: fc.nat(12) });
      let round = 0;
      await fc.assert(
        fc.asyncProperty(downloads, sizes, disk, limits, few, async (running, staged, usage, most, bytes) => {
          round += 1;
          const { redis } = environment.queues;
          const { prefix } = environment.config.redis;
          const ledger = new ReservationLedger(redis, prefix, `made-${String(round)}`, 60_000);
          await ledger.noteMeasured(
            0,
            staged.map((sizeBytes, index) => ({ id: `youtube.${String(index)}`, sizeBytes })),
          );
          for (const [index, { isHere, bytes: reserved }] of running.entries()) {
            await ledger.renew(`${isHere ? 'here' : 'there'}.${String(index)}`, reserved);
          }
          const { reserved, stagedFiles, stagedBytes } = await ledger.read('here.');
          const allLimits = { ...most, minFreeBytes: 3 };
          const full = whyStagingIsFull(bytes, { ...usage, stagedFiles, stagedBytes }, reserved, allLimits);
          const holder = { holder: 'here.new', bytes, disk: 'here.' };
          expect(await ledger.reserve(holder, usage, allLimits, 60_000)).toBe(full === undefined);
        }),
        { numRuns: 200 },
      );
    });

    test('of many workers that are held back lead to one measurement', async () => {
      const ledger = await ledgerOf(60_000);
      await ledger.renew('another', 100 * NEEDED_BYTES);
      let measured = 0;
      const watched: Staging = {
        ...staging,
        listSizes: () => {
          measured += 1;
          return staging.listSizes();
        },
      };
      const gates = Array.from(
        { length: 10 },
        () => new StagingGate(environment.config, environment.queues.redis, watched),
      );
      const tryAll = () =>
        Promise.allSettled(gates.map((gate) => gate.runWithReservation(SECONDS, () => Promise.resolve())));
      await tryAll();
      measured = 0;
      const startedAt = Date.now();
      await eventually('an old measurement', () => Date.now() - startedAt > 1_500);
      await tryAll();
      expect(measured).toBe(1);
    });

    test('are restored by their renewal after a loss of Redis, and the download continues', async () => {
      const ledger = await ledgerOf(60_000);
      await otherGate().runWithReservation(SECONDS, async () => {
        const keys = await environment.queues.redis.keys(`${environment.config.redis.prefix}:staging:*`);
        await environment.queues.redis.del(...keys);
        await eventually('the reservation', async () => (await ledger.read()).reserved.downloads === 1);
      });
    });
  });

  describe('downloads', () => {
    let workers: TestWorkers;
    let producer: StagingProducer;

    beforeEach(async () => {
      producer = stagingProducer(staging, {
        sizeBytes: 4_000_000,
        seconds: SECONDS,
      });
      workers = new TestWorkers(environment);
      await environment.database.videos.discover(
        IDS.map((videoId) => ({
          key: { provider: 'youtube', videoId },
          url: `https://www.youtube.com/watch?v=${videoId}`,
          durationSeconds: SECONDS,
        })),
      );
    });

    afterEach(async () => {
      producer.release();
      await workers.stop();
    });

    /** Like another worker process, as far as staging is concerned. */
    const startWorker = () =>
      workers.start(
        'download',
        createDownloadProcessor({
          database: environment.database,
          queues: environment.queues,
          retry: environment.config.retry,
          audio: producer,
          staging,
          gate: otherGate(),
        }),
        // One more than fits, so that each worker is refused.
        4,
      );

    test('pause while staging is full, resume when uploads have freed capacity, and no attempt is counted', async () => {
      const { maxBytes } = environment.config.staging;
      startWorker();
      startWorker();
      for (const videoId of IDS) {
        await environment.queues.add('download', { provider: 'youtube', videoId, round: 0 });
      }
      const pauses = await eventually(
        'both workers to be held back',
        () => environment.queues.pauses.list(),
        (found) => found.length === 2,
      );
      expect(pauses).toMatchObject([
        { queue: 'download', kind: 'back_pressure', class: 'back_pressure' },
        { queue: 'download', kind: 'back_pressure', class: 'back_pressure' },
      ]);
      expect((await collectStatus(environment.database, environment.queues)).pauses).toHaveLength(2);
      expect(producer.running()).toBeLessThanOrEqual(3);

      // From here on downloads end at once; "uploads" remove one file at a time.
      producer.release();
      const gate = otherGate();
      const seen = new Set<string>();
      let mostBytes = 0;
      while (seen.size < IDS.length) {
        const found = await eventually(
          'a staged file',
          async () => {
            const sizes = await Array.fromAsync(staging.listSizes());
            mostBytes = Math.max(
              mostBytes,
              sizes.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
            );
            for await (const { key } of staging.listStaged()) return key;
            return undefined;
          },
          (key) => key !== undefined,
        );
        if (found === undefined) throw new Error('There is no reservation.');
        seen.add(found.videoId);
        await staging.removeStaged(found);
        await gate.noteRemoved(found);
      }
      await eventually(
        'the end of all pauses',
        async () => (await environment.queues.pauses.list()).length === 0,
      );
      expect(mostBytes).toBeLessThanOrEqual(maxBytes);
      const { completed, failed } = await eventually(
        'all jobs',
        () => environment.queues.jobs.counts('download'),
        (counts) => counts.completed === IDS.length,
      );
      expect({ completed, failed }).toEqual({ completed: IDS.length, failed: 0 });
      const jobs = await environment.queues.queue('download').getCompleted();
      expect(jobs.map(({ attemptsMade }) => attemptsMade)).toEqual(IDS.map(() => 1));
      // One start ends in a finished file and few were refused: no busy loop.
      const starts = jobs.reduce((sum, job) => sum + job.attemptsStarted, 0);
      expect(starts).toBeLessThan(IDS.length * 5);
    });

    test('resume when an upload ends, without polling', async () => {
      const full = stagingProducer(staging, { sizeBytes: 8_000_000, seconds: SECONDS });
      full.release();
      producer.release();
      const [waiting = '', ...others] = IDS.map((videoId) => ({ provider: 'youtube', videoId }) as const);
      if (waiting === '') throw new Error('there is no video');
      for (const key of others.slice(0, 3)) await full.produce(key);
      startWorker();
      await environment.queues.add('download', { ...waiting, round: 0 });
      await eventually('the pause', async () => (await environment.queues.pauses.list()).length === 1);
      // It checks once more by itself after a quarter of a second; later only a notification wakes it.
      const from = Date.now();
      await eventually('that check', () => Date.now() - from > 1_500);
      const [removed] = others;
      if (removed === undefined) throw new Error('there is one video only');
      await staging.removeStaged(removed);
      // Without a notification the next check is a minute away.
      await otherGate().noteRemoved(removed);
      const [job] = await eventually(
        'the download',
        () => environment.queues.queue('download').getCompleted(),
        (jobs) => jobs.length === 1,
      );
      expect(job).toMatchObject({ attemptsMade: 1 });
      expect(job?.attemptsStarted).toBeLessThan(5);
    });

    test('reserve nothing for a file that is staged already', async () => {
      const [videoId = ''] = IDS;
      const key = { provider: 'youtube', videoId } as const;
      producer.release();
      await producer.produce(key);
      const full = await ledgerOf(60_000);
      await full.renew('another', 100 * NEEDED_BYTES);
      startWorker();
      await environment.queues.add('download', { ...key, round: 0 });
      await eventually(
        'the upload job',
        async () => (await environment.queues.jobs.counts('upload')).waiting === 1,
      );
    });
  });
});

const IDS = Array.from({ length: 12 }, (_, index) => `video-${String(index).padStart(5, '0')}`);

async function isHeldBack(outcome: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  try {
    await Promise.race([outcome, Promise.resolve(pending)]);
    return false;
  } catch (error) {
    return error instanceof SnoozeError;
  }
}

async function refusalOf(outcome: Promise<unknown>): Promise<SnoozeError> {
  try {
    await outcome;
  } catch (error) {
    if (error instanceof SnoozeError) return error;
    throw error;
  }
  throw new Error('It was let in.');
}
