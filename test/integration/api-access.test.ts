import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ENDPOINTS } from '../../src/dashboard/api/endpoints.ts';
import type { Endpoint } from '../../src/dashboard/api/endpoint.ts';
import { DOCS_PATH } from '../../src/dashboard/api/problem.ts';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { OPERATOR, startTestApi, tokenOf, VIEWER, type TestApi } from '../support/api.ts';
import { exampleOf } from '../support/api-examples.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

const basic = ({ user, password }: typeof OPERATOR) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});
const FOREIGN = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };

type Headers = Readonly<Record<string, string>>;

let environment: TestEnvironment;
let api: TestApi;
let withoutLogin: Dashboard;
let visitors: Readonly<Record<string, Headers>>;
let docs: string;

beforeAll(async () => {
  environment = await openTestEnvironment();
  api = await startTestApi(environment);
  withoutLogin = await startTestDashboard(environment);
  const { database } = environment;
  const revokedSession = await api.logIn(OPERATOR);
  await api.send('/logout', { method: 'POST', headers: { cookie: revokedSession } });
  const [revoked, expired, ofNobody, ofViewer] = [
    await tokenOf(environment, 'revoked', 'operator'),
    await tokenOf(environment, 'expired', 'operator'),
    await tokenOf(environment, 'of-nobody', 'operator', null),
    await tokenOf(environment, 'of-viewer', 'operator', VIEWER.user),
  ];
  await database.tokens.remove('revoked');
  await database.connection
    .collection('tokens')
    .updateOne({ _id: 'expired' as never }, { $set: { expires_at: new Date(Date.now() - 1) } });
  const session = { cookie: await api.logIn(OPERATOR) };
  const token = await tokenOf(environment, 'operator', 'operator');
  visitors = {
    nobody: {},
    'revoked session': { cookie: revokedSession },
    'revoked token': revoked,
    'expired token': expired,
    'token of somebody who is no user': ofNobody,
    'made-up token': { authorization: `Bearer sonotheque_0123456789ab_${'A'.repeat(43)}` },
    'no token at all': { authorization: 'Bearer' },
    'wrong password': basic({ ...OPERATOR, password: 'wrong' }),
    'viewer by session': { cookie: await api.logIn(VIEWER) },
    'viewer by Basic': basic(VIEWER),
    'token for viewers': await tokenOf(environment, 'viewer', 'viewer'),
    'token for operators that a viewer made': ofViewer,
    'operator by session': session,
    'operator by Basic': basic(OPERATOR),
    'token for operators': token,
    'operator by session, from another site': { ...session, ...FOREIGN },
    'operator by Basic, from another site': { ...basic(OPERATOR), ...FOREIGN },
    'token for operators, from another site': { ...token, ...FOREIGN },
  };
  docs = await (await api.send(DOCS_PATH)).text();
});
afterAll(async () => {
  await Promise.all([api.close(), withoutLogin.close()]);
  await environment.close();
});

type Access = 'unknown' | 'viewer' | 'operator' | 'operator of another site';

const ACCESS: Readonly<Record<string, Access>> = {
  nobody: 'unknown',
  'revoked session': 'unknown',
  'revoked token': 'unknown',
  'expired token': 'unknown',
  'token of somebody who is no user': 'unknown',
  'made-up token': 'unknown',
  'no token at all': 'unknown',
  'wrong password': 'unknown',
  'viewer by session': 'viewer',
  'viewer by Basic': 'viewer',
  'token for viewers': 'viewer',
  'token for operators that a viewer made': 'viewer',
  'operator by session': 'operator',
  'operator by Basic': 'operator',
  'token for operators': 'operator',
  'operator by session, from another site': 'operator of another site',
  'operator by Basic, from another site': 'operator of another site',
  // No browser sends a token by itself.
  'token for operators, from another site': 'operator',
};

/** The problem that an endpoint must answer with; undefined when it is allowed. */
function expectedProblem({ method, role }: Endpoint, access: Access): string | undefined {
  const changes = method !== 'get';
  if (access === 'unknown') return 'login-required';
  if (access === 'operator of another site') return changes ? 'another-site' : undefined;
  return access === 'viewer' && (changes || role === 'operator') ? 'operators-only' : undefined;
}

async function problemOf(answer: Response): Promise<string | undefined> {
  if (!answer.headers.get('content-type')?.startsWith('application/problem+json')) return undefined;
  const { type, title, status } = (await answer.json()) as { type: string; title: string; status: number };
  expect([typeof title, status]).toEqual(['string', answer.status]);
  const [page, name = ''] = type.split('#');
  expect(page).toBe(DOCS_PATH);
  expect(docs).toContain(`id="${name}"`);
  return name;
}

describe.each(ENDPOINTS.map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint] as const))(
  '%s',
  (_name, endpoint) => {
    const { method, path, body } = exampleOf(endpoint);
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const init = body === undefined ? { method } : { method, body };

    test.each(Object.entries(ACCESS))('%s', async (visitor, access) => {
      const answer = await api.send(path, { ...init, headers: { ...type, ...visitors[visitor] } });
      const problem = await problemOf(answer);
      const expected = expectedProblem(endpoint, access);
      if (expected !== undefined) expect(problem).toBe(expected);
      // What is allowed may still name something that does not exist, or be no longer possible.
      else expect([undefined, 'not-found', 'conflict']).toContain(problem);
      if (expected === 'login-required') expect(answer.headers.get('www-authenticate')).toContain('Bearer');
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    });

    test('without a login, everybody on this machine', async () => {
      const url = new URL(path, withoutLogin.url);
      const problem = await problemOf(await fetch(url, { ...init, headers: type }));
      expect([undefined, 'not-found', 'conflict']).toContain(problem);
    });

    test('without a login, a page of another site changes nothing', async () => {
      const answer = await fetch(new URL(path, withoutLogin.url), {
        ...init,
        headers: { ...type, ...FOREIGN },
      });
      if (method === 'GET') expect(answer.status).not.toBe(403);
      else expect(await problemOf(answer)).toBe('another-site');
    });
  },
);

test('every visitor is tried', () => {
  expect(Object.keys(visitors)).toEqual(Object.keys(ACCESS));
});

test('what changes something is for operators, and every operation has a name of its own', () => {
  for (const { id, method, role } of ENDPOINTS) {
    if (method !== 'get') expect([id, role]).toEqual([id, 'operator']);
  }
  expect(new Set(ENDPOINTS.map(({ id }) => id)).size).toBe(ENDPOINTS.length);
});
