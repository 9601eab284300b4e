import { QUEUE_NAMES } from '../../src/domain/queues.ts';
import { once } from 'node:events';
import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Worker } from 'bullmq';
import { assetPath } from '../../src/dashboard/assets.ts';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import type { Database } from '../../src/database/database.ts';
import { connectRedis } from '../../src/queues/connections.ts';
import type { JobQueues } from '../../src/queues/job-queues.ts';
import { PermanentError } from '../../src/domain/job-errors.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

const USER = 'ama';
const PASSWORD = 'correct horse battery';
const BASIC = basic(USER, PASSWORD);
const KEY = { provider: 'youtube', videoId: 'dashboard01' } as const;
const EVIL_TITLE = '<script>alert("title")</script>';

let environment: TestEnvironment;
let database: Database;
let queues: JobQueues;
const dashboards: Dashboard[] = [];

beforeAll(async () => {
  environment = await openTestEnvironment();
  ({ database, queues } = environment);
  await database.videos.discover([{ key: KEY, url: 'https://example.org/x', title: EVIL_TITLE }]);
  const failure = new PermanentError('private', 'It is <b>private</b>.');
  await database.videos.markFailed(KEY, 0, { stage: 'download', resumeAt: 'download' }, failure);
  await database.playlists.register({ id: 'PLx', url: 'javascript:alert(1)' }, new Date());
  await queues.add('download', { ...KEY, round: 0 });
});

afterAll(async () => {
  await Promise.all(dashboards.map((dashboard) => dashboard.close()));
  await environment.close();
});

async function start(login: 'with login' | 'without login'): Promise<Dashboard> {
  const credentials = login === 'with login' ? { user: USER, password: PASSWORD } : undefined;
  const dashboard = await startTestDashboard(environment, credentials, { isBoardWritable: true });
  dashboards.push(dashboard);
  return dashboard;
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

async function logIn(
  dashboard: Dashboard,
  password: string,
  options: { readonly headers?: Record<string, string>; readonly next?: string } = {},
): Promise<Response> {
  return await fetch(`${dashboard.url}login`, {
    method: 'POST',
    redirect: 'manual',
    headers: options.headers ?? {},
    body: new URLSearchParams({ user: USER, password, next: options.next ?? '/queues/' }),
  });
}

describe('with a login', () => {
  let dashboard: Dashboard;
  beforeAll(async () => {
    dashboard = await start('with login');
  });
  const open = (path: string, headers: Record<string, string> = {}) =>
    fetch(new URL(path, dashboard.url), { headers, redirect: 'manual' });

  test.each(['/', '/metrics', '/api/status', '/queues/', '/queues/api/queues', '/no-such-page'])(
    '%s needs a login',
    async (path) => {
      const asProgram = await open(path);
      expect(asProgram.status).toBe(401);
      expect(asProgram.headers.get('www-authenticate')).toMatch(/^Basic /);
      expect(await asProgram.text()).not.toContain('bullmq');
      const asPerson = await open(path, { accept: 'text/html' });
      expect(asPerson.status).toBe(303);
      expect(asPerson.headers.get('location')).toBe(`/login?next=${encodeURIComponent(path)}`);
    },
  );

  test.each(['/livez', '/readyz', '/login', '/icon.svg', assetPath('style.css')])(
    '%s is open',
    async (path) => {
      expect((await open(path)).status).toBe(200);
    },
  );

  test.each(['https://evil.example/', '//evil.example', '/\\evil.example', 'javascript:alert(1)'])(
    'the login does not redirect to %s',
    async (next) => {
      const response = await logIn(dashboard, PASSWORD, { next });
      const target = new URL(response.headers.get('location') ?? '', dashboard.url);
      expect(target.origin).toBe(new URL(dashboard.url).origin);
    },
  );

  test.each([
    ['another site', { origin: 'https://evil.example' }],
    ['a page without an origin', { origin: 'null' }],
    ['another site, as the browser says', { 'sec-fetch-site': 'cross-site' }],
    ['another host of this site', { 'sec-fetch-site': 'same-site' }],
  ])('a request that changes something and comes from %s is refused', async (_from, headers) => {
    const before = await queues.jobs.counts('download');
    const url = new URL('/queues/api/queues/download/empty', dashboard.url);
    const put = await fetch(url, { method: 'PUT', headers: { authorization: BASIC, ...headers } });
    expect(put.status).toBe(403);
    expect(await queues.jobs.counts('download')).toEqual(before);
    expect((await logIn(dashboard, PASSWORD, { headers })).status).toBe(403);
  });

  test('a request from its own pages is accepted', async () => {
    const { origin } = new URL(dashboard.url);
    const pause = (action: string) =>
      fetch(new URL(`/queues/api/queues/upload/${action}`, dashboard.url), {
        method: 'PUT',
        headers: { authorization: BASIC, origin, 'sec-fetch-site': 'same-origin' },
      });
    expect((await pause('pause')).status).toBe(200);
    expect(await queues.queue('upload').isPaused()).toBe(true);
    expect((await pause('resume')).status).toBe(200);
  });

  test('the metrics have every queue and status, and describe each name once', async () => {
    const response = await open('/metrics', { authorization: BASIC });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    const text = await response.text();
    for (const name of QUEUE_NAMES)
      expect(text).toContain(`bullmq_job_count{queue="${name}",state="waiting"}`);
    expect(text).toContain('bullmq_job_count{queue="download",state="prioritized"} 1');
    expect(text).toContain('sonotheque_videos{status="failed"} 1');
    expect(text).toContain('sonotheque_failed_videos{class="private"} 1');
    expect(text).toContain('sonotheque_reachable 1');
    expect(text).not.toContain('sonotheque_mirror_lag_objects');
    const described = text.split('\n').filter((line) => line.startsWith('# TYPE '));
    expect(new Set(described).size).toBe(described.length);
  });

  test('two scrapes at the same time count nothing twice', async () => {
    const connection = connectRedis(environment.config.redis, 'worker');
    const worker = new Worker('maintenance', () => Promise.resolve(1), {
      connection,
      prefix: environment.config.redis.prefix,
      metrics: { maxDataPoints: 10 },
    });
    const completed = once(worker, 'completed');
    await queues.queue('maintenance').add('one', {});
    await completed;
    await worker.close();
    connection.disconnect();
    await queues.lost.count('download');
    const scrape = async () => await (await open('/metrics', { authorization: BASIC })).text();
    const texts = await Promise.all([scrape(), scrape(), scrape()]);
    for (const text of texts) {
      expect(text).toContain('bullmq_job_completed_total{queue="maintenance"} 1\n');
      expect(text).toContain('sonotheque_jobs_lost_total{queue="download"} 1\n');
      expect(text).toContain('sonotheque_jobs_lost_total{queue="upload"} 0\n');
    }
  });

  test('titles and messages are escaped', async () => {
    const response = await open('/', { authorization: BASIC });
    const page = await response.text();
    expect(page).not.toContain('<script>');
    expect(page).not.toContain('<b>private');
    expect(page).not.toContain('href="javascript:');
    expect(page).toContain('&lt;script&gt;alert(&quot;title&quot;)&lt;/script&gt;');
    expect(page).toContain('The owner made it private.');
    expect(response.headers.get('content-security-policy')).toContain("script-src 'self'");
  });

  test('the status is available as JSON', async () => {
    const response = await open('/api/status', { authorization: BASIC });
    expect(await response.json()).toMatchObject({
      videos: { total: 1, failed: 1 },
      queues: { download: { waiting: 1 } },
      failures: [{ class: 'private', count: 1 }],
    });
  });

  test('an unreadable form is a client error', async () => {
    const response = await fetch(new URL('/login', dashboard.url), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'x'.repeat(10_000),
    });
    expect(response.status).toBe(413);
  });
});

describe('without a login', () => {
  let dashboard: Dashboard;
  beforeAll(async () => {
    dashboard = await start('without login');
  });

  test('everything is open on this machine', async () => {
    expect((await fetch(dashboard.url)).status).toBe(200);
    expect((await fetch(dashboard.url.replace('127.0.0.1', 'localhost'))).status).toBe(200);
  });

  test('a foreign host name that resolves to this machine is refused', async () => {
    const { port } = new URL(dashboard.url);
    for (const path of ['/', '/api/status', '/queues/api/queues', '/metrics']) {
      expect(await statusFor(Number(port), path, 'evil.example')).toBe(403);
    }
    expect(await statusFor(Number(port), '/', `localhost:${port}`)).toBe(200);
  });
});

/** fetch cannot set the Host header. */
async function statusFor(port: number, path: string, host: string): Promise<number | undefined> {
  return await new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });
}
