import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { readRedisHealth } from '../../src/queues/redis-health.ts';
import { formatStatus } from '../../src/reports/status-text.ts';
import { collectStatus } from '../../src/reports/status.ts';
import { checkRedis } from '../../src/cli/doctor/servers.ts';
import { OperatorError } from '../../src/domain/job-errors.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { keepLog } from '../support/log-lines.ts';
import { temporaryDirectory } from '../support/media-environment.ts';
import { startBareRedis, type BareServer } from '../support/bare-servers.ts';
import { startProgram } from '../support/program.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

let directory: string;
let server: BareServer & { readonly url: string };
let redis: Redis;
let environment: TestEnvironment | undefined;

beforeEach(async () => {
  directory = await temporaryDirectory();
});

afterEach(async () => {
  redis.disconnect();
  await environment?.close();
  environment = undefined;
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

async function start(settings: readonly string[]): Promise<void> {
  server = await startBareRedis(directory, settings);
  redis = new Redis(server.url);
}

const SOUND = ['--appendonly', 'yes', '--maxmemory-policy', 'noeviction'];

describe('a Redis whose memory is full', () => {
  test('is reported by producers, pauses workers with few log lines, and work resumes when there is memory', async () => {
    await start(SOUND);
    environment = await openTestEnvironment({ REDIS_URL: server.url });
    const { queues, database } = environment;
    const log = keepLog();
    const workers = new TestWorkers(environment, log.logger);
    const done: string[] = [];
    const worker = workers.start(
      'playlist',
      {
        process: ({ playlistId }) => {
          done.push(playlistId);
          return Promise.resolve({ ok: true });
        },
      },
      1,
    );
    try {
      await queues.add('playlist', { playlistId: 'before' });
      await eventually('the first job', () => done.length === 1);

      await redis.config('SET', 'maxmemory', '1');
      const refusal = await queues
        .add('playlist', { playlistId: 'refused' })
        .catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(OperatorError);
      expect(refusal).toMatchObject({
        errorClass: 'redis_full',
        message: expect.stringContaining('its memory is full'),
        advice: expect.stringContaining('maxmemory'),
      });

      // Waiting jobs: without them an idle worker would not notice.
      await redis.config('SET', 'maxmemory', '0');
      await worker.drain();
      const accepted = Array.from({ length: 20 }, (_, index) => `waiting-${String(index)}`);
      for (const id of accepted) await queues.add('playlist', { playlistId: id });
      await redis.config('SET', 'maxmemory', '1');
      const from = log.lines.length;
      const second = workers.start('playlist', {
        process: ({ playlistId }) => {
          done.push(playlistId);
          return Promise.resolve({ ok: true });
        },
      });
      await eventually('the pause', () => second.pause?.errorClass === 'redis_full');
      const since = Date.now();
      await eventually('a while', () => Date.now() - since > 3_000);
      expect(second.pause).toMatchObject({ kind: 'fault', errorClass: 'redis_full' });
      const lines = log.lines.slice(from);
      expect(lines.filter((line) => line.includes('Intake paused'))).toHaveLength(1);
      expect(lines.length).toBeLessThan(10);
      const status = await collectStatus(database, queues);
      expect(status.warnings).toMatchObject([{ setting: 'maxmemory' }]);
      expect(formatStatus(status)).toContain('WARNING: The memory of Redis is full');

      await redis.config('SET', 'maxmemory', '0');
      await eventually('all accepted jobs', () => accepted.every((id) => done.includes(id)), Boolean, 30_000);
      await eventually('no pause', () => second.pause === undefined);
      expect(await queues.jobs.counts('playlist')).toMatchObject({ failed: 0, waiting: 0, active: 0 });
      expect(new Set(done).size).toBe(done.length);
      expect((await collectStatus(database, queues)).warnings).toEqual([]);
    } finally {
      await workers.stop();
    }
  });

  test('loses no job that finishes while it is full, and counts none as failed', async () => {
    await start(SOUND);
    environment = await openTestEnvironment({ REDIS_URL: server.url, JOB_LOCK_SECONDS: '1' });
    const { queues } = environment;
    const workers = new TestWorkers(environment);
    let runs = 0;
    let release: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => (release = resolve));
    workers.start('playlist', {
      process: async () => {
        runs += 1;
        await gone;
        return { ok: true };
      },
    });
    try {
      await queues.add('playlist', { playlistId: 'a-job' });
      await eventually('the job', () => runs === 1);
      await redis.config('SET', 'maxmemory', '1');
      release();
      const since = Date.now();
      await eventually('more than its lock', () => Date.now() - since > 1_500);
      await redis.config('SET', 'maxmemory', '0');
      await eventually(
        'its end',
        () => queues.jobs.counts('playlist'),
        (counts) => counts.completed === 1,
        30_000,
      );
      expect(await queues.jobs.counts('playlist')).toMatchObject({ failed: 0, waiting: 0, active: 0 });
    } finally {
      await workers.stop();
    }
  });
});

describe('a Redis that may lose jobs', () => {
  test.each([
    [['--appendonly', 'no', '--maxmemory-policy', 'noeviction'], ['appendonly'], /appendonly yes/],
    [
      ['--appendonly', 'yes', '--maxmemory-policy', 'allkeys-lru'],
      ['maxmemory-policy'],
      /allkeys-lru.*maxmemory-policy noeviction/s,
    ],
    [SOUND, [], /^$/],
  ])('with %j gives a warning with advice: %j', async (settings, named, advice) => {
    await start(settings);
    const { warnings } = await readRedisHealth(redis);
    expect(warnings.map(({ setting: name }) => name)).toEqual(named);
    const [finding] = await checkRedis({ url: server.url, prefix: 'x' });
    expect(finding?.state).toBe(named.length === 0 ? 'ok' : 'missing');
    expect(finding?.advice).toMatch(advice);
  });

  test('gives a warning when a worker starts and in the status, and is used nevertheless', async () => {
    await start(['--appendonly', 'no', '--maxmemory-policy', 'volatile-lru']);
    environment = await openTestEnvironment({ REDIS_URL: server.url, LOG_LEVEL: 'warn' });
    const { directory: cwd, variables, queues } = environment;
    const program = startProgram('worker', ['retry'], { directory: cwd, variables });
    try {
      await eventually(
        'both warnings',
        () => program.stderr(),
        (text) => text.includes('maxmemory-policy noeviction') && text.includes('appendonly yes'),
        30_000,
      );
      await eventually('a worker', async () => (await queues.queue('retry').getWorkersCount()) === 1);
    } finally {
      program.kill('SIGTERM');
      await program.ended;
    }
    const status = startProgram('status', [], { directory: cwd, variables });
    expect(await status.ended).toBe(0);
    expect(status.stdout()).toContain('WARNING: Redis throws jobs away when its memory is full');
    expect(status.stdout()).toContain('WARNING: Redis keeps no append-only file');
  });
});
