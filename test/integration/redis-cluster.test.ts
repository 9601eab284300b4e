import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { checkRedis } from '../../src/cli/doctor/servers.ts';
import { SessionStore } from '../../src/dashboard/login/session-store.ts';
import { egressLedgerOf } from '../../src/egress/egress-ledger.ts';
import { connectRedis } from '../../src/queues/connections.ts';
import { FailedLogins } from '../../src/queues/failed-logins.ts';
import { listenToJobs } from '../../src/queues/job-endings.ts';
import { readRedisHealth } from '../../src/queues/redis-health.ts';
import { withRedisLock } from '../../src/queues/redis-lock.ts';
import { SharedLimit } from '../../src/queues/shared-limit.ts';
import { waitForNotification } from '../../src/queues/wait-for-notification.ts';
import { ReservationLedger } from '../../src/staging/reservations.ts';
import { eventually } from '../support/eventually.ts';
import { addAcknowledged } from '../support/failover-jobs.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { CLUSTER_RIGHTS, RIGHTS, startRedisCluster, type RedisSet } from '../support/redis-sets.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

const signal = new AbortController().signal;

describe('a cluster of three nodes', () => {
  let cluster: RedisSet;
  let environment: TestEnvironment;
  beforeAll(async () => {
    const login = { user: 'archive', password: 's3cr3t-word' };
    const keys = '~{of-a-cluster}:* &{of-a-cluster}:*';
    cluster = await startRedisCluster({
      replicas: 0,
      settings: [`user ${login.user} on >${login.password} ${keys} ${RIGHTS} ${CLUSTER_RIGHTS}`],
    });
    environment = await openTestEnvironment({
      REDIS_URL: cluster.url.replace('://', `://${login.user}:${login.password}@`),
      QUEUE_PREFIX: 'of-a-cluster',
    });
  });
  afterAll(async () => {
    await environment.close();
    await cluster.close();
  });

  test('keeps all keys of an installation on one node', async () => {
    const { queues } = environment;
    expect(queues.prefix).toBe('{of-a-cluster}');
    await queues.ping();
    await queues.checkWrites();
    await queues.clock.check({ anew: true });
    expect(Math.abs(queues.clock.nowMs() - Date.now())).toBeLessThan(5_000);
  });

  test('takes jobs one by one and many at once, looks them up, delays, promotes, pauses and schedules them', async () => {
    const { queues } = environment;
    const ids = Array.from({ length: 20 }, (_, index) => `cluster${String(index).padStart(4, '0')}`);
    const payloadOf = (videoId: string) => ({ provider: 'youtube' as const, videoId, round: 0 });
    await queues.addMany(
      'download',
      ids.map((videoId, index) => ({ payload: payloadOf(videoId), priority: index + 1 })),
    );
    const jobIds = ids.map((videoId) => `download.youtube.${videoId}.0`);
    expect(await queues.jobs.presence('download', [...jobIds, 'nothing'])).toEqual([
      ...jobIds.map(() => 'live'),
      'missing',
    ]);
    expect(await queues.jobs.counts('download')).toMatchObject({ waiting: ids.length });
    const delayed = await queues.add('upload', payloadOf('cluster0000'), { delayMs: 3_600_000 });
    expect(await queues.jobs.promote('upload', delayed)).toBe(true);
    await queues.jobs.remove('upload', delayed);
    await queues.pause('sync');
    expect(await queues.isPaused('sync')).toBe(true);
    await queues.resume('sync');
    const wanted = [{ id: 'a.b', payload: { task: 'reconcile' as const }, repeat: { everyMs: 60_000 } }];
    expect(await queues.schedules.keep(wanted, new Date(), 'a')).toMatchObject({ written: ['a.b'] });
    expect(await queues.schedules.keep(wanted, new Date(), 'a')).toMatchObject({ written: [] });
    expect([...(await queues.schedules.next()).keys()]).toEqual(['a.b']);
  });

  test('has the small state beside the queues', async () => {
    const { queues } = environment;
    const { redis, prefix } = queues;
    await queues.strikes.add({
      queue: 'download',
      item: 'x',
      class: 'disk_full',
      reason: 'r',
      delayMs: 1_000,
    });
    expect(await queues.strikes.list(10)).toMatchObject([{ item: 'x', count: 1 }]);
    await queues.strikes.clear('download', 'x');
    const pause = { queue: 'download', worker: 'w', host: 'h', kind: 'fault', class: 'c' } as const;
    await queues.pauses.put({ ...pause, reason: 'r', advice: 'a', since: new Date() }, 60_000);
    expect(await queues.pauses.list()).toHaveLength(1);
    await queues.pauses.remove('download', 'w');
    await queues.lost.count('download');
    expect((await queues.lost.read()).download).toBe(1);
    const logins = new FailedLogins(redis, prefix);
    await logins.count('10.0.0.1', new Date());
    expect(await logins.recent(new Date())).toEqual({ count: 1, lastAddress: '10.0.0.1' });
    expect(await withRedisLock(redis, `${prefix}:a-lock`, 10_000, () => Promise.resolve(1))).toBe(1);
    const limit = new SharedLimit(redis, prefix, 'container');
    expect(await limit.exchange({ successes: 1, wasThrottled: false, most: 4, first: 2 })).toEqual({
      ...{ share: 3, wasCut: false },
    });
    const staged = new ReservationLedger(redis, prefix, 'a-disk', 60_000);
    const [usage, limits] = [
      { isOnWorkDisk: true, workBytes: 0, freeBytes: 10_000 },
      { maxFiles: 10, maxBytes: 10_000, minFreeBytes: 0 },
    ];
    await staged.noteMeasured(0, []);
    expect(await staged.reserve({ holder: 'one', bytes: 1_000, disk: '' }, usage, limits, 60_000)).toBe(true);
    await staged.renew('one', 1_000);
    await staged.release('one');
    const sessions = new SessionStore(redis, prefix);
    const key = await sessions.signingKey();
    expect((await sessions.stateOf('one')).key).toEqual(key);
    const about = { bucket: 'b', container: 'c', trigger: 'command', prefix: '' } as const;
    const sweep = { ...about, include: [], exclude: [], startedAt: new Date().toISOString() };
    const id = (await queues.sweeps.begin(sweep)) ?? '';
    await queues.sweeps.addShard(id, 0, { keys: 1 });
    await queues.sweeps.endSplitting(id, 1);
    expect(await queues.sweeps.state(id)).toMatchObject({ total: 1, added: 1 });
    await queues.sweeps.forget(id, 'c');
  });

  test('has the egress addresses, and tells of their changes', async () => {
    const { queues } = environment;
    const ledger = egressLedgerOf(queues);
    const addressOf = (name: string) => ({ name, budgetPerHour: 100, spacingMs: 0 });
    const addresses = [addressOf('home'), addressOf('away')] as const;
    const limits = { minRestMs: 60_000, maxRestMs: 3_600_000 };
    const grant = await ledger.acquire(addresses, 'download', 60_000, 0, 'youtube.x');
    if ('waitMs' in grant) throw new Error('It waits.');
    const refused = { kind: 'refused', reason: 'bot_check', restAtLeastMs: 0 } as const;
    expect(await ledger.report(grant, refused, limits)).toMatchObject({ change: 'opened' });
    expect((await ledger.read()).map(({ circuit }) => circuit).sort()).toEqual(['closed', 'open']);
    let checks = 0;
    const waited = waitForNotification({
      ...{ redis: queues.redis, channel: ledger.channel, signal, firstDelayMs: 60_000 },
      // The first check comes with the subscription.
      check: () => Promise.resolve((checks += 1) >= 2 ? 0 : 60_000),
    });
    await eventually('the subscription', () => checks === 1);
    expect(await ledger.endRest(grant.address)).toBe(true);
    await waited;
  });

  test('works with a worker, whose end is told', async () => {
    const workers = new TestWorkers(environment);
    let ends = 0;
    const listener = await listenToJobs(environment.config.redis, 'playlist', () => {
      ends += 1;
    });
    try {
      workers.start('playlist', { process: () => Promise.resolve({ ok: true }) });
      await environment.queues.add('playlist', { playlistId: 'one' });
      await eventually('the end of the job', () => ends === 1);
      await eventually(
        'the job to be counted',
        () => environment.queues.jobs.counts('playlist'),
        ({ completed }) => completed === 1,
      );
    } finally {
      await workers.stop();
      await listener.close();
    }
  });

  test('its health is that of all masters', async () => {
    const [one] = cluster.nodes;
    const { warnings, evictionPolicy } = await readRedisHealth(environment.queues.redis);
    expect(evictionPolicy).toBe('noeviction');
    const ports = cluster.nodes.map(({ port }) => `127.0.0.1:${String(port)}`).sort();
    expect(warnings).toMatchObject([
      { setting: 'appendonly', message: expect.stringContaining(`On ${ports.join(', ')}.`) },
    ]);
    await one?.admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const now = await readRedisHealth(environment.queues.redis);
    await one?.admin.config('SET', 'maxmemory-policy', 'noeviction');
    const ofPolicy = now.warnings.find(({ setting }) => setting === 'maxmemory-policy');
    expect(ofPolicy?.message).toMatch(new RegExp(`allkeys-lru. On 127.0.0.1:${String(one?.port)}\\.$`));
    expect(await checkRedis(environment.config.redis)).toMatchObject([
      {
        name: 'redis',
        where: expect.stringMatching(/^cluster 127\.0\.0\.1:/),
        advice: expect.stringContaining('append-only'),
      },
    ]);
  });

  test('a wrong password is said, not printed', async () => {
    const url = cluster.url.replace('://', '://archive:s3cr3t@');
    const [finding] = await checkRedis({ ...environment.config.redis, url });
    expect(finding?.advice).toContain('refuses access (WRONGPASS');
    expect(JSON.stringify(finding)).not.toContain('s3cr3t');
  });
});

describe('a node that is killed, with a replica', () => {
  let cluster: RedisSet;
  let environment: TestEnvironment;
  let workers: TestWorkers;
  beforeEach(async () => {
    cluster = await startRedisCluster({ replicas: 1 });
    environment = await openTestEnvironment({ REDIS_URL: cluster.url });
    workers = new TestWorkers(environment);
  });
  afterEach(async () => {
    await workers.stop();
    await environment.close();
    await cluster.close();
  });

  test('the work goes on with the replica, and no job is lost; with no node left, commands and connections end within seconds', async () => {
    const { queues } = environment;
    const done = new Set<string>();
    workers.start('playlist', {
      process: async ({ playlistId }) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        done.add(playlistId);
        return { ok: true };
      },
    });
    const slot = await cluster.nodes[0]?.admin.cluster('KEYSLOT', queues.prefix);
    const holder = Math.floor((Number(slot) * 3) / 16_384);
    const all = Array.from({ length: 300 }, (_, index) => `list-${String(index)}`);
    await addAcknowledged(queues, all.slice(0, 100));
    await eventually('some jobs', () => done.size >= 50);
    // What was acknowledged is at the replica: WAIT tells it of what its own connection has written.
    await cluster.nodes[holder]?.admin.set(`${queues.prefix}:mark`, '1');
    expect(await cluster.nodes[holder]?.admin.wait(1, 5_000)).toBe(1);
    await cluster.nodes[holder]?.kill();
    await addAcknowledged(queues, all.slice(100));
    await eventually('all jobs', () => done.size === all.length, Boolean, 30_000);
    await eventually(
      'the ends of all jobs',
      () => queues.jobs.counts('playlist'),
      ({ completed, failed, active, waiting }) => completed + failed === all.length && active + waiting === 0,
    );

    await workers.stop();
    const idle = connectRedis(environment.config.redis, 'worker');
    await idle.ping();
    for (const node of cluster.nodes) await node.kill();
    const before = Date.now();
    await Promise.all([
      expect(queues.add('playlist', { playlistId: 'late' })).rejects.toMatchObject({
        errorClass: 'redis_unavailable',
      }),
      expect(queues.ping()).rejects.toThrow('Redis does not answer.'),
    ]);
    const waiting = idle.get(queues.prefix).catch((error: unknown) => error);
    await eventually('the lost connection', () => idle.status !== 'ready');
    // ioredis alone would never say that it has ended, for which BullMQ waits.
    const ended = once(idle, 'end');
    idle.disconnect();
    await ended;
    await expect(waiting).resolves.toBeInstanceOf(Error);
    expect(Date.now() - before).toBeLessThan(30_000);
  });
});

test('a new connection to a cluster that is away fails within seconds as well', async () => {
  const redis = connectRedis({ url: 'redis+cluster://127.0.0.1:1,127.0.0.1:2', prefix: '{x}' }, 'producer');
  try {
    const before = Date.now();
    await Promise.all([
      expect(redis.get('{x}:y')).rejects.toThrow('Command timed out'),
      expect(redis.multi().get('{x}:y').exec()).rejects.toThrow(),
    ]);
    expect(Date.now() - before).toBeLessThan(25_000);
  } finally {
    redis.disconnect();
  }
});
