import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { runChecks } from '../../src/cli/doctor/run-checks.ts';
import { egressLedgerOf } from '../../src/egress/egress-ledger.ts';
import { connectRedis } from '../../src/queues/connections.ts';

/** A port that only root may use, and that is not in use here. */
const NOBODY = '127.0.0.1:1';

async function examined(changes: Record<string, string | undefined>) {
  const findings = await runChecks({ ...process.env, ...changes });
  return Object.fromEntries(findings.map((finding) => [finding.name, finding]));
}

describe('the doctor', () => {
  test('finds the tools and servers of this run', async () => {
    const found = await examined({ MINIO_BUCKET: 'doctor-none', AZURE_CONTAINER: 'doctor-none' });
    // It is a warning when this checkout's version has become old.
    expect(found['yt-dlp']?.state).toMatch(/^(ok|warning)$/);
    expect(found['yt-dlp-ejs']).toMatchObject({ state: 'ok' });
    expect(found['ffmpeg']).toMatchObject({ state: 'ok' });
    expect(found['mongodb']).toMatchObject({ state: 'ok' });
    expect(found['minio']).toMatchObject({ state: 'ok', found: 'no bucket doctor-none yet' });
    expect(found['azure']).toMatchObject({ state: 'ok', found: 'no container doctor-none yet' });
  });

  test('reports servers that are down or refuse access, without their credentials', async () => {
    const found = await examined({
      REDIS_URL: `redis://:topsecret@${NOBODY}`,
      MONGO_URL: `mongodb://user:topsecret@${NOBODY}/x`,
      MINIO_SECRET_KEY: 'topsecret-and-wrong',
      AZURE_STORAGE_CONNECTION_STRING: `DefaultEndpointsProtocol=http;AccountName=a;AccountKey=dG9wc2VjcmV0;BlobEndpoint=http://${NOBODY}/a;`,
    });
    for (const name of ['redis', 'mongodb', 'minio', 'azure'])
      expect(found[name]).toMatchObject({ state: 'missing' });
    expect(found['redis']?.advice).toContain('REDIS_URL');
    expect(JSON.stringify(found)).not.toMatch(/topsecret|dG9wc2VjcmV0/);
  });

  test('warns when most videos fail with extraction, and only then', async () => {
    const prefix = `doctor-${randomUUID()}`;
    const redis = connectRedis({ url: process.env['REDIS_URL'] ?? '', prefix }, 'producer');
    try {
      const ledger = egressLedgerOf({ redis, prefix });
      const address = { name: 'home', budgetPerHour: 0, spacingMs: 0 };
      const limits = { minRestMs: 60_000, maxRestMs: 3_600_000 };
      expect((await examined({ QUEUE_PREFIX: prefix }))['extraction']).toBeUndefined();
      for (let index = 0; index < 10; index += 1) {
        const grant = await ledger.acquire([address], 'download', 60_000, 0, `youtube.${String(index)}`);
        if ('waitMs' in grant) throw new Error('It waits.');
        await ledger.report(grant, { kind: 'failed', reason: 'extraction' }, limits);
      }
      expect((await examined({ QUEUE_PREFIX: prefix }))['extraction']).toMatchObject({
        state: 'warning',
        advice: expect.stringMatching(/home.*site has changed.*npm run update-yt-dlp/),
      });
    } finally {
      redis.disconnect();
    }
  });

  test('checks the rest when a part is missing in the configuration or invalid', async () => {
    const found = await examined({
      REDIS_URL: undefined,
      MONGO_URL: 'http://nonsense',
      AZURE_STORAGE_CONNECTION_STRING: undefined,
      YTDLP_PATH: '/nowhere/yt-dlp',
    });
    expect(found['redis']).toMatchObject({ state: 'missing' });
    expect(found['redis']?.advice).toContain('set REDIS_URL');
    expect(found['mongodb']?.advice).toContain('mongodb://');
    expect(found['azure']).toMatchObject({ state: 'off' });
    expect(found['yt-dlp']).toMatchObject({ state: 'missing', where: '/nowhere/yt-dlp' });
    expect(found['minio']).toMatchObject({ state: 'ok' });
  });
});
