import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { checkRedis } from '../../src/cli/doctor/servers.ts';
import { eventually } from '../support/eventually.ts';
import { addAcknowledged } from '../support/failover-jobs.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { MASTER_NAME, SENTINEL_USER, startSentinelSet, type SentinelSet } from '../support/redis-sets.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

const LOGIN = { password: 'data-s3cr3t', sentinelPassword: 'sentinel-s3cr3t' };

describe('a master and its replica behind three sentinels', () => {
  let set: SentinelSet;
  let environment: TestEnvironment;
  let workers: TestWorkers;
  beforeAll(async () => {
    set = await startSentinelSet(LOGIN);
    environment = await openTestEnvironment({
      REDIS_URL: set.url,
      REDIS_SENTINEL_USERNAME: SENTINEL_USER,
      REDIS_SENTINEL_PASSWORD: LOGIN.sentinelPassword,
    });
    workers = new TestWorkers(environment);
  });
  afterAll(async () => {
    await workers.stop();
    await environment.close();
    await set.close();
  });

  test('is found through the sentinels, with a password for each', async () => {
    expect(environment.queues.prefix).toMatch(/^test-/);
    await environment.queues.ping();
    expect(await checkRedis(environment.config.redis)).toMatchObject([
      {
        where: expect.stringMatching(/^sentinel 127\.0\.0\.1:/),
        advice: expect.stringContaining('append-only'),
      },
    ]);
  });

  test.each([
    ['of the sentinels', () => ({ sentinel: { username: SENTINEL_USER, password: 'wrong-s3cr3t' } })],
    ['of the servers', () => ({ url: set.url.replace(LOGIN.password, 'wrong-s3cr3t') })],
  ])('a wrong password %s is said, not printed', async (_whose, change) => {
    const [finding] = await checkRedis({ ...environment.config.redis, ...change() });
    expect(finding).toMatchObject({ state: 'missing', advice: expect.stringContaining('WRONGPASS') });
    expect(JSON.stringify(finding)).not.toContain('s3cr3t');
  });

  test('a master that nobody knows is said', async () => {
    const url = set.url.replace(`/${MASTER_NAME}`, '/other');
    const [finding] = await checkRedis({ ...environment.config.redis, url });
    expect(finding).toMatchObject({ state: 'missing', advice: expect.stringContaining('REDIS_URL') });
  });

  test('the master is killed: workers go on with the replica, and no job is lost', async () => {
    const { queues } = environment;
    const done = new Set<string>();
    workers.start('playlist', {
      process: async ({ playlistId }) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        done.add(playlistId);
        return { ok: true };
      },
    });
    const all = Array.from({ length: 300 }, (_, index) => `list-${String(index)}`);
    await addAcknowledged(queues, all.slice(0, 100));
    await eventually('some jobs', () => done.size >= 50);
    const [master, replica] = set.nodes;
    // What was acknowledged is at the replica: WAIT tells it of what its own connection has written.
    await master?.admin.set(`${queues.prefix}:mark`, '1');
    expect(await master?.admin.wait(1, 5_000)).toBe(1);
    await master?.kill();
    await addAcknowledged(queues, all.slice(100));
    await eventually('all jobs', () => done.size === all.length, Boolean, 30_000);
    await eventually(
      'their ends',
      () => queues.jobs.counts('playlist'),
      ({ completed, failed, active, waiting }) => completed === all.length && failed + active + waiting === 0,
    );
    expect(await replica?.admin.info('replication')).toContain('role:master');
  });

  test('with neither a server nor a sentinel left commands end within seconds', async () => {
    await workers.stop();
    for (const node of [...set.nodes, ...set.sentinels]) await node.kill();
    const before = Date.now();
    const { queues } = environment;
    await Promise.all([
      expect(queues.add('playlist', { playlistId: 'late' })).rejects.toMatchObject({
        errorClass: 'redis_unavailable',
      }),
      expect(queues.ping()).rejects.toThrow('Redis does not answer.'),
    ]);
    expect(Date.now() - before).toBeLessThan(30_000);
  });
});
