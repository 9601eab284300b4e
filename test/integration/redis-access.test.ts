import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { selfSignedCertificate } from '../../local/sample-channel/certificate.ts';
import type { Config } from '../../src/config/config.ts';
import { checkRedis } from '../../src/cli/doctor/servers.ts';
import { egressLedgerOf } from '../../src/egress/egress-ledger.ts';
import { collectStatus } from '../../src/reports/status.ts';
import { JobQueues } from '../../src/queues/job-queues.ts';
import { listenToJobs } from '../../src/queues/job-endings.ts';
import { waitForNotification } from '../../src/queues/wait-for-notification.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { RIGHTS, startNodes, type RedisSet } from '../support/redis-sets.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

describe('a Redis with TLS for those with a certificate, and a user with few rights', () => {
  const prefix = `access-${randomBytes(6).toString('hex')}`;
  const certificate = selfSignedCertificate();
  let directory: string;
  let set: RedisSet;
  let environment: TestEnvironment;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'sonotheque-tls-'));
    const [certFile, keyFile] = [path.join(directory, 'cert.pem'), path.join(directory, 'key.pem')];
    await writeFile(certFile, certificate.cert);
    await writeFile(keyFile, certificate.key);
    set = await startNodes(1, {
      settings: [
        ...[`tls-cert-file ${certFile}`, `tls-key-file ${keyFile}`, `tls-ca-cert-file ${certFile}`],
        `user archive on >s3cr3t-word ~${prefix}:* &${prefix}:* ${RIGHTS}`,
        'user default on >of-the-test ~* &* +@all',
      ],
      admin: { password: 'of-the-test', tls: { ...certificate, ca: certificate.cert } },
    });
    environment = await openTestEnvironment({
      REDIS_URL: `rediss://archive:s3cr3t-word@127.0.0.1:${String(set.nodes[0]?.port)}`,
      REDIS_TLS_CA: certificate.cert,
      REDIS_TLS_CERT: certificate.cert,
      REDIS_TLS_KEY: certificate.key,
      QUEUE_PREFIX: prefix,
    });
  });
  afterAll(async () => {
    await environment.close();
    await set.close();
    await rm(directory, { recursive: true, force: true });
  });

  test('all that workers, commands and the dashboard do is allowed', async () => {
    const { queues, database, config } = environment;
    const workers = new TestWorkers(environment);
    let ends = 0;
    const listener = await listenToJobs(config.redis, 'playlist', () => {
      ends += 1;
    });
    const dashboard = await startTestDashboard(environment);
    try {
      await queues.ping();
      await queues.checkWrites();
      workers.start('playlist', { process: () => Promise.resolve({ ok: true }) });
      await queues.addMany('playlist', [
        { payload: { playlistId: 'one' } },
        { payload: { playlistId: 'two' } },
      ]);
      await eventually('the ends of both jobs', () => ends === 2);
      await queues.pause('sync');
      await queues.resume('sync');
      const wanted = [{ id: 'a.b', payload: { task: 'reconcile' as const }, repeat: { everyMs: 60_000 } }];
      await queues.schedules.keep(wanted, new Date(), 'a');
      const ledger = egressLedgerOf(queues);
      await ledger.read();
      await waitForNotification({
        ...{ redis: queues.redis, channel: ledger.channel, signal: AbortSignal.timeout(20_000) },
        firstDelayMs: 5_000,
        check: () => Promise.resolve(0),
      });
      expect((await collectStatus(database, queues)).warnings).toMatchObject([{ setting: 'appendonly' }]);
      for (const page of ['', 'metrics', 'videos', 'queues/api/queues'])
        expect((await fetch(`${dashboard.url}${page}`)).status).toBe(200);
      expect(await checkRedis(config.redis)).toMatchObject([
        { state: 'missing', found: expect.stringContaining('no AOF') },
      ]);
    } finally {
      await dashboard.close();
      await listener.close();
      await workers.stop();
    }
    expect(await set.nodes[0]?.admin.acl('LOG')).toEqual([]);
  });

  test('keys of others are not', async () => {
    await expect(environment.queues.redis.get('others:x')).rejects.toThrow('NOPERM');
    await expect(environment.queues.redis.flushall()).rejects.toThrow('NOPERM');
  });

  test.each<{ what: string; change: () => Partial<Config['redis']>; advice: string; ping: string }>([
    {
      what: 'a wrong password',
      change: () => ({ url: environment.config.redis.url.replace('s3cr3t-word', 's3cr3t') }),
      ...{ advice: 'refuses access (WRONGPASS', ping: 'Redis refuses access: WRONGPASS' },
    },
    {
      what: 'an authority that is not known',
      change: () => ({ tls: {} }),
      ...{
        advice: 'refuses access (TLS fails: self-signed certificate',
        ping: 'TLS fails: self-signed certificate',
      },
    },
    {
      what: 'a name that it has not',
      change: () => ({ tls: { ...certificate, ca: certificate.cert, servername: 'x.example.org' } }),
      ...{ advice: "does not match certificate's altnames", ping: "does not match certificate's altnames" },
    },
    {
      what: 'no certificate of its own',
      change: () => ({ tls: { ca: certificate.cert } }),
      ...{ advice: 'REDIS_', ping: 'Redis ' },
    },
    {
      what: 'no TLS',
      change: () => ({ url: environment.config.redis.url.replace('rediss', 'redis') }),
      ...{ advice: 'may want TLS (rediss://)', ping: 'Redis does not answer' },
    },
  ])('$what: refused, and said without secrets', async ({ change, advice, ping }) => {
    const redis = { ...environment.config.redis, ...change() };
    const [finding] = await checkRedis(redis);
    expect(finding).toMatchObject({ state: 'missing', advice: expect.stringContaining(advice) });
    expect(JSON.stringify(finding)).not.toMatch(/s3cr3t|PRIVATE KEY/);
    const queues = new JobQueues(redis);
    try {
      await expect(queues.ping()).rejects.toThrow(ping);
    } finally {
      await queues.close();
    }
  });
});
