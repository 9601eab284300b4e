import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { TransientError } from '../../src/domain/job-errors.ts';
import type { VideoKey } from '../../src/domain/video-key.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { minioKeys } from '../support/minio-keys.ts';

const AUTHORIZATION = `Basic ${Buffer.from('ama:correct horse battery').toString('base64')}`;
let environment: TestEnvironment;
let dashboard: Dashboard;

beforeAll(async () => {
  environment = await openTestEnvironment();
  dashboard = await startTestDashboard(environment, { user: 'ama', password: 'correct horse battery' });
});
afterAll(async () => {
  await dashboard.close();
  await environment.close();
});

/** Sends a path unchanged: fetch would normalise it. */
async function raw(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const { hostname, port } = new URL(dashboard.url);
  return await new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    const sent = request({
      hostname,
      port,
      path,
      method,
      headers: { authorization: AUTHORIZATION, ...headers },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => {
        resolve({ status: response.statusCode, body });
      });
    });
    sent.end();
  });
}

describe('paths', () => {
  test.each([
    '/../../../../etc/passwd',
    '/queues/static/../../../../../../etc/passwd',
    '/queues/static/..%2f..%2f..%2f..%2f..%2fetc%2fpasswd',
    '/queues/static/..%5c..%5c..%5cpackage.json',
    '/queues/static/%2e%2e/%2e%2e/%2e%2e/package.json',
    '/queues/static/....//....//package.json',
    '/queues/static//etc/passwd',
    '/%00',
    '/queues/api/queues/%2e%2e%2f%2e%2e',
    '/style.css/../../package.json',
  ])('%s leads to no file', async (path) => {
    const { status, body } = await raw(path);
    expect(body).not.toMatch(/root:|"dependencies"/);
    expect(body).not.toMatch(/node_modules|\n {4}at /);
    expect(status).not.toBe(500);
  });

  test('an endless path and endless headers are refused, and the next request is answered', async () => {
    const long = await raw(`/${'x'.repeat(100_000)}`).catch((error: unknown) => error);
    expect(long).not.toMatchObject({ status: 200 });
    const headers = await raw('/', { 'x-long': 'x'.repeat(100_000) }).catch((error: unknown) => error);
    expect(headers).not.toMatchObject({ status: 200 });
    expect((await raw('/livez')).status).toBe(200);
  });

  test.each(['TRACE', 'DELETE', 'PATCH'])('%s changes and breaks nothing', async (method) => {
    const { status } = await raw('/', {}, method);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });
});

test('thousands of failures give one page of limited size', async () => {
  const keys = Array.from({ length: 3_000 }, (_value, index): VideoKey => ({
    provider: 'youtube',
    videoId: `page${String(index).padStart(7, '0')}`,
  }));
  const title = 'A title. '.repeat(500);
  for (let from = 0; from < keys.length; from += 500) {
    await environment.database.videos.discover(
      keys.slice(from, from + 500).map((key) => ({ key, url: 'https://example.org/x', title })),
    );
  }
  const failure = new TransientError('unknown', 'Reasons. '.repeat(200));
  const place = { stage: 'download', resumeAt: 'download' } as const;
  for (let from = 0; from < keys.length; from += 500) {
    await Promise.all(
      keys
        .slice(from, from + 500)
        .map((key) => environment.database.videos.markFailed(key, 0, place, failure)),
    );
  }
  const page = await raw('/');
  expect(page.status).toBe(200);
  expect(page.body.length).toBeLessThan(300_000);
});

test('the data of a job has ids and no secrets', async () => {
  await environment.queues.add('download', { provider: 'youtube', videoId: 'secrets0001', round: 0 });
  const { status, body } = await raw('/queues/api/queues?activeQueue=download&status=prioritized&page=1');
  expect(status).toBe(200);
  expect(body).toContain('secrets0001');
  const { config } = environment;
  const { accessKey, secretKey } = minioKeys(config.minio);
  for (const secret of [secretKey, accessKey, new URL(config.redis.url).password]) {
    expect(secret.length).toBeGreaterThan(3);
    expect(body).not.toContain(secret);
  }
});
