import { describe, expect, test } from '@jest/globals';
import { examine } from '../../src/cli/doctor/examine.ts';

/** A port that nobody may listen on without being root, and that nobody does here. */
const NOBODY = '127.0.0.1:1';

async function examined(changes: Record<string, string | undefined>) {
  const findings = await examine({ ...process.env, ...changes });
  return Object.fromEntries(findings.map((finding) => [finding.name, finding]));
}

describe('the doctor', () => {
  test('sees the tools and servers of this run', async () => {
    const found = await examined({ MINIO_BUCKET: 'doctor-none', AZURE_CONTAINER: 'doctor-none' });
    expect(found['yt-dlp']).toMatchObject({ state: 'ok', advice: '' });
    expect(found['yt-dlp-ejs']).toMatchObject({ state: 'ok' });
    expect(found['ffmpeg']).toMatchObject({ state: 'ok' });
    expect(found['mongodb']).toMatchObject({ state: 'ok' });
    expect(found['minio']).toMatchObject({ state: 'ok', found: 'no bucket doctor-none yet' });
    expect(found['azure']).toMatchObject({ state: 'ok', found: 'no container doctor-none yet' });
  });

  test('tells of servers that are away or refuse, without their logins', async () => {
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

  test('looks at the rest when a part is not configured or wrongly', async () => {
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
