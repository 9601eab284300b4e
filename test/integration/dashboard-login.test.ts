import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Config } from '../../src/config/config.ts';
import { readUsersFile, writeUsersFile } from '../../src/dashboard/login/users-file.ts';
import { hashPassword } from '../../src/dashboard/login/password-hash.ts';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { FailedLogins } from '../../src/queues/failed-logins.ts';
import { pino } from 'pino';
import { startTestDashboard } from '../support/dashboard.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

const OPERATOR = { user: 'ama', password: 'correct horse battery' };
const VIEWER = { user: 'kofi', password: 'only looks at things' };

let environment: TestEnvironment;
let directory: string;
let usersFile: string;
const dashboards: Dashboard[] = [];
const lines: Record<string, unknown>[] = [];
const logger = pino(
  { level: 'trace' },
  { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
);

beforeAll(async () => {
  environment = await openTestEnvironment();
  directory = await mkdtemp(path.join(tmpdir(), 'sonotheque-login-'));
  usersFile = path.join(directory, 'users.txt');
  await writeViewer(VIEWER.password);
});
afterAll(async () => {
  await Promise.all(dashboards.map((dashboard) => dashboard.close()));
  await environment.close();
  await rm(directory, { recursive: true });
});

async function writeViewer(password: string, role: 'viewer' | 'operator' = 'viewer'): Promise<void> {
  await writeUsersFile(usersFile, [{ name: VIEWER.user, role, hash: await hashPassword(password) }]);
}

async function start(options: Partial<Config['dashboard']> = {}): Promise<Dashboard> {
  const dashboard = await startTestDashboard(environment, OPERATOR, { usersFile, logger, ...options });
  dashboards.push(dashboard);
  return dashboard;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** The session cookie that it sets, as it is sent back. */
  readonly cookie: string | undefined;
}

/** Sends a request unchanged: fetch would normalise paths, and sets headers of its own. */
async function send(
  dashboard: Dashboard,
  target: string,
  {
    method = 'GET',
    headers = {},
    form,
  }: { method?: string; headers?: Record<string, string>; form?: Record<string, string> } = {},
): Promise<Answer> {
  const { hostname, port } = new URL(dashboard.url);
  const body = form === undefined ? undefined : new URLSearchParams(form).toString();
  const type = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
  return await new Promise((resolve, reject) => {
    const sent = request(
      { hostname, port, path: target, method, headers: { ...type, ...headers } },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          const [set] = response.headers['set-cookie'] ?? [];
          const cookie = set?.split(';')[0];
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: text,
            cookie: cookie?.endsWith('=') ? undefined : cookie,
          });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

const logIn = (dashboard: Dashboard, login = OPERATOR, headers: Record<string, string> = {}, next = '/') =>
  send(dashboard, '/login', { method: 'POST', headers, form: { ...login, next } });

const basic = ({ user, password }: { user: string; password: string }) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});
const wrong = { user: OPERATOR.user, password: 'wrong' };
const from = (address: string) => ({ 'x-forwarded-for': address });

describe('the page after the login is one of this server', () => {
  let dashboard: Dashboard;
  beforeAll(async () => {
    dashboard = await start();
  });

  test.each([
    '/.//evil.example',
    '/..//evil.example',
    '/%2e//evil.example',
    '/a/..//evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/.\\\\evil.example',
    '/\t/evil.example',
    '/\r\n//evil.example',
    'https://evil.example/',
    'javascript:alert(1)',
    '/logout',
  ])('%j', async (next) => {
    const { status, headers } = await logIn(dashboard, OPERATOR, {}, next);
    expect([status, headers['location']]).toEqual([303, '/']);
  });

  test('an asked-for page is the one that follows, also when its path is odd', async () => {
    expect(
      (await logIn(dashboard, OPERATOR, {}, '/queues/queue/download?status=failed')).headers['location'],
    ).toBe('/queues/queue/download?status=failed');
    const asked = await send(dashboard, '/.//evil.example', { headers: { accept: 'text/html' } });
    expect(asked.headers['location']).toBe('/login?next=%2F');
    const page = await send(dashboard, '/login?next=/.//evil.example');
    expect(page.body).toContain('name="next" value="/"');
  });
});

describe('failed logins', () => {
  test('are slowed down for their own name and client only, and the right password gets in after the delay', async () => {
    const dashboard = await start({ trustedProxies: ['loopback'] });
    const attacker = from('203.0.113.9');
    for (let failure = 0; failure < 3; failure += 1)
      expect((await logIn(dashboard, wrong, attacker)).status).toBe(401);
    const early = await logIn(dashboard, OPERATOR, attacker);
    expect([early.status, early.headers['retry-after'], early.cookie]).toEqual([429, '1', undefined]);
    expect(early.body).toContain('Try again in 1 s.');
    expect((await send(dashboard, '/metrics', { headers: { ...attacker, ...basic(OPERATOR) } })).status).toBe(
      429,
    );

    // What a client writes into the header itself stands to the left of what the proxy adds.
    expect((await logIn(dashboard, OPERATOR, from('198.51.100.7, 203.0.113.9'))).status).toBe(429);
    expect((await logIn(dashboard, OPERATOR, from('nonsense, 203.0.113.9:4711'))).status).toBe(429);
    // Another client of the same proxy, and another name of the same client, are not concerned.
    expect((await logIn(dashboard, OPERATOR, from('198.51.100.7'))).status).toBe(303);
    expect((await logIn(dashboard, VIEWER, attacker)).status).toBe(303);

    await delay(1_100);
    expect((await logIn(dashboard, OPERATOR, attacker)).status).toBe(303);
    expect((await logIn(dashboard, wrong, attacker)).status).toBe(401);
  }, 30_000);

  test('of clients in one IPv6 network count together', async () => {
    const dashboard = await start({ trustedProxies: ['loopback'] });
    for (const host of ['1', '2', '3']) await logIn(dashboard, wrong, from(`2001:db8:0:1::${host}`));
    expect((await logIn(dashboard, OPERATOR, from('2001:db8:0:1:ffff::4'))).status).toBe(429);
    expect((await logIn(dashboard, OPERATOR, from('2001:db8:0:2::4'))).status).toBe(303);
  }, 30_000);

  test('cannot pretend to come from elsewhere when no proxy is trusted', async () => {
    const dashboard = await start();
    lines.length = 0;
    for (let index = 0; index < 3; index += 1)
      await logIn(dashboard, wrong, from(`203.0.113.${String(index)}`));
    expect((await logIn(dashboard, OPERATOR, from('198.51.100.7'))).status).toBe(429);
    const warnings = lines.filter(({ msg }) => String(msg).includes('DASHBOARD_TRUSTED_PROXIES'));
    expect(warnings).toMatchObject([{ address: '127.0.0.1' }]);
  }, 30_000);

  test('sent all at once are looked at one after another', async () => {
    const dashboard = await start();
    const answers = await Promise.all(Array.from({ length: 40 }, () => logIn(dashboard, wrong)));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(3);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(37);
  }, 30_000);

  test('do not keep a program with the right password out that sends many requests at once', async () => {
    const dashboard = await start();
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => send(dashboard, '/livez/../api/none', { headers: basic(OPERATOR) })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
  }, 30_000);
});

describe('a session', () => {
  let one: Dashboard;
  let other: Dashboard;
  beforeAll(async () => {
    one = await start();
    other = await start();
  });
  const open = (dashboard: Dashboard, cookie: string | undefined, headers: Record<string, string> = {}) =>
    send(dashboard, '/reports', { headers: { cookie: cookie ?? '', ...headers } });

  test('is good at all dashboards, and at none after its logout', async () => {
    const { cookie } = await logIn(one);
    expect((await open(other, cookie)).status).toBe(200);
    const another = await logIn(one);
    const { status, headers } = await send(one, '/logout', {
      method: 'POST',
      headers: { cookie: cookie ?? '' },
    });
    expect([status, headers['location']]).toEqual([303, '/login']);
    expect((await open(one, cookie)).status).toBe(401);
    expect((await open(other, cookie)).status).toBe(401);
    expect((await open(one, another.cookie)).status).toBe(200);
  });

  test('ends with a new password, a removed user, and when the key is gone; a role changes at once', async () => {
    const { cookie } = await logIn(one, VIEWER);
    expect((await open(one, cookie)).body).toContain('kofi <small>viewer</small>');
    await delay(1_100);
    const [viewer] = await readUsersFile(usersFile);
    if (viewer === undefined) throw new Error('There is no user.');
    await writeUsersFile(usersFile, [{ ...viewer, role: 'operator' }]);
    expect((await open(one, cookie)).body).toContain('kofi <small>operator</small>');
    await delay(1_100);
    await writeViewer('another password');
    expect((await open(one, cookie)).status).toBe(401);
    const { cookie: newer } = await logIn(one, { ...VIEWER, password: 'another password' });
    expect((await open(one, newer)).status).toBe(200);
    await delay(1_100);
    await writeUsersFile(usersFile, []);
    expect((await open(one, newer)).status).toBe(401);
    await delay(1_100);
    await writeViewer(VIEWER.password);

    const { cookie: last } = await logIn(one);
    await environment.queues.redis.del(`${environment.queues.prefix}:dashboard:session-key`);
    expect((await open(one, last)).status).toBe(401);
  }, 30_000);

  test('ends when nobody uses it, and in any case after its time', async () => {
    const dashboard = await start({ session: { idleMs: 1_500, maxMs: 4_000 } });
    let { cookie } = await logIn(dashboard);
    const startedAt = Date.now();
    const unused = cookie;
    const reload = { 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'same-origin' };
    for (let turn = 0; turn < 3; turn += 1) {
      await delay(900);
      // What a page does by itself is no use of the session.
      if (turn === 0) expect((await open(dashboard, cookie, reload)).headers['set-cookie']).toBeUndefined();
      const answer = await open(dashboard, cookie, { ...reload, 'sec-fetch-user': '?1' });
      expect([answer.status, answer.cookie]).toEqual([200, expect.any(String)]);
      cookie = answer.cookie;
    }
    expect((await open(dashboard, unused)).status).toBe(401);
    await delay(Math.max(0, startedAt + 3_900 - Date.now()));
    await delay(300);
    expect((await open(dashboard, cookie)).status).toBe(401);
  }, 30_000);

  test('cannot be made or changed by others', async () => {
    const { cookie = '' } = await logIn(one);
    const [id = '', user = '', startedAt = '', usedAt = '', signature = ''] =
      cookie.split('=')[1]?.split('.') ?? [];
    const later = String(Number(usedAt) + 10_000);
    for (const forged of [
      [id, Buffer.from(VIEWER.user).toString('base64url'), startedAt, usedAt, signature],
      [id, user, later, usedAt, signature],
      [id, user, startedAt, later, signature],
      ['A'.repeat(22), user, startedAt, usedAt, signature],
      [id, user, startedAt, usedAt, 'A'.repeat(43)],
      [id, user, startedAt, usedAt, ''],
      [id, user, startedAt, usedAt],
    ])
      expect((await open(one, `sonotheque_session=${forged.join('.')}`)).status).toBe(401);
    expect((await open(one, `other=1; ${cookie}`)).status).toBe(200);
  });

  test('has a cookie that browsers keep to this host over TLS', async () => {
    const dashboard = await start({ trustedProxies: ['loopback'] });
    const tls = { 'x-forwarded-proto': 'https', ...from('203.0.113.20') };
    const secure = await logIn(dashboard, OPERATOR, tls);
    expect(secure.headers['set-cookie']).toEqual([
      expect.stringMatching(
        /^__Host-sonotheque_session=[^;]+; Max-Age=43\d\d\d; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Strict$/,
      ),
    ]);
    expect((await open(dashboard, secure.cookie, tls)).status).toBe(200);
    // A cookie that another host or a plain connection may have set.
    const plain = secure.cookie?.replace('__Host-', '');
    expect((await open(dashboard, plain, tls)).status).toBe(401);
    // Nobody but a trusted proxy says what is TLS.
    const untrusted = await logIn(one, OPERATOR, tls);
    expect(untrusted.cookie).toMatch(/^sonotheque_session=/);
    expect(untrusted.headers['set-cookie']).toEqual([expect.not.stringContaining('Secure')]);
  });
});

describe('every route for every visitor', () => {
  const PAGES = [
    '/',
    '/health',
    '/reports',
    '/metrics',
    '/api/status',
    '/queues/',
    '/queues/api/queues',
  ] as const;
  const PAUSE = '/queues/api/queues/upload/pause';

  test.each([
    ['writable', true],
    ['read-only', false],
  ] as const)(
    'with a %s Bull Board',
    async (_how, isBoardWritable) => {
      const dashboard = await start({ isBoardWritable });
      const { cookie: revoked = '' } = await logIn(dashboard);
      await send(dashboard, '/logout', { method: 'POST', headers: { cookie: revoked } });
      const visitors: Record<string, Record<string, string>> = {
        nobody: {},
        revoked: { cookie: revoked },
        viewer: { cookie: (await logIn(dashboard, VIEWER)).cookie ?? '' },
        'viewer by Basic': basic(VIEWER),
        operator: { cookie: (await logIn(dashboard)).cookie ?? '' },
        'operator by Basic': basic(OPERATOR),
        'operator from elsewhere': { ...basic(OPERATOR), origin: 'https://evil.example' },
      };
      const changes = isBoardWritable ? 200 : 405;
      const table: Record<string, number> = {};
      for (const [who, headers] of Object.entries(visitors)) {
        for (const page of PAGES) {
          const answer = await send(dashboard, page, { headers });
          const mayRead = who !== 'nobody' && who !== 'revoked';
          expect([who, page, answer.status]).toEqual([who, page, mayRead ? 200 : 401]);
          expect([page, answer.headers['cache-control']]).toEqual([page, 'no-store']);
          expect([page, answer.headers['x-powered-by']]).toEqual([page, undefined]);
        }
        table[who] = (await send(dashboard, PAUSE, { method: 'PUT', headers })).status;
        if (table[who] === 200) await environment.queues.queue('upload').resume();
        expect(await environment.queues.queue('upload').isPaused()).toBe(false);
      }
      expect(table).toEqual({
        nobody: 401,
        revoked: 401,
        viewer: 403,
        'viewer by Basic': 403,
        operator: changes,
        'operator by Basic': changes,
        'operator from elsewhere': 403,
      });
    },
    60_000,
  );

  test('Bull Board asks no other site for anything, and shows no buttons that do nothing', async () => {
    const dashboard = await start();
    const headers = basic(OPERATOR);
    const page = await send(dashboard, '/queues/', { headers });
    expect(page.body).toContain('static/js/');
    expect(page.body).not.toMatch(/(?:href|src)="https?:/);
    const queues = await send(dashboard, '/queues/api/queues', { headers });
    expect(queues.body).toContain('"readOnlyMode":true');
    expect(queues.body).not.toContain('"readOnlyMode":false');
  });
});

test('each login, failure, delay, logout and change has one line with its address, and a counter', async () => {
  const dashboard = await start({ trustedProxies: ['loopback'], isBoardWritable: true });
  lines.length = 0;
  const client = from('203.0.113.50');
  const { cookie = '' } = await logIn(dashboard, OPERATOR, client);
  await send(dashboard, '/queues/api/queues/upload/pause?secret=1', {
    method: 'PUT',
    headers: { cookie, ...client },
  });
  await environment.queues.queue('upload').resume();
  await send(dashboard, '/logout', { method: 'POST', headers: { cookie, ...client } });
  await logIn(dashboard, { user: `my password by mistake ${'x'.repeat(150)}`, password: 'x' }, client);
  for (let failure = 0; failure < 4; failure += 1) await logIn(dashboard, wrong, client);
  await send(dashboard, '/queues/api/queues/upload/pause', {
    method: 'PUT',
    headers: { ...basic(VIEWER), ...client },
  });

  const events = lines.flatMap(({ event, user, address, path, status }) =>
    event === undefined ? [] : [[event, user, address, path, status]],
  );
  const at = '203.0.113.50';
  const pause = '/queues/api/queues/upload/pause';
  expect(events).toEqual([
    ['login', 'ama', at, '/login', undefined],
    ['change', 'ama', at, pause, 200],
    ['logout', 'ama', at, '/logout', undefined],
    ['login_failed', undefined, at, '/login', undefined],
    ['login_failed', 'ama', at, '/login', undefined],
    ['login_failed', 'ama', at, '/login', undefined],
    ['login_failed', 'ama', at, '/login', undefined],
    ['login_delayed', 'ama', at, '/login', undefined],
    ['login_refused', 'ama', at, '/login', undefined],
    ['change_refused', 'kofi', at, pause, 403],
  ]);
  expect(JSON.stringify(lines)).not.toMatch(/my password|correct horse|secret=1/);
  const { body } = await send(dashboard, '/metrics', { headers: basic(OPERATOR) });
  for (const [event, count] of [
    ['login', 1],
    ['login_failed', 4],
    ['login_delayed', 1],
    ['login_refused', 1],
    ['logout', 1],
    ['change', 1],
    ['change_refused', 1],
  ])
    expect(body).toContain(`sonotheque_dashboard_access_total{event="${String(event)}"} ${String(count)}\n`);
  const recent = await new FailedLogins(environment.queues.redis, environment.queues.prefix).recent(
    new Date(),
  );
  expect(recent).toEqual({ count: expect.any(Number), lastAddress: at });
  expect(recent.count).toBeGreaterThanOrEqual(4);
}, 30_000);
