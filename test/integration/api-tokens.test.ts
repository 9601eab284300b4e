import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { AuditDocument } from '../../src/database/collections/audit.ts';
import { API_PATH } from '../../src/dashboard/api/problem.ts';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { OPERATOR, startTestApi, tokenOf, VIEWER, type TestApi } from '../support/api.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import { eventually } from '../support/eventually.ts';
import { startProgram } from '../support/program.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

const PAUSE = `${API_PATH}/queues/sync/pause`;
const STATUS = `${API_PATH}/queues`;

let environment: TestEnvironment;
let api: TestApi;
let local: Dashboard;
let session: { cookie: string };

beforeAll(async () => {
  environment = await openTestEnvironment();
  api = await startTestApi(environment);
  local = await startTestDashboard(environment);
  session = { cookie: await api.logIn(OPERATOR) };
});
afterAll(async () => {
  await Promise.all([api.close(), local.close()]);
  await environment.close();
});

const tokens = () => environment.database.tokens;
const auditOf = async (target: string): Promise<AuditDocument[]> =>
  await environment.database.audit.ofTarget(target, 10);
const TOKEN = /sonotheque_[0-9a-f]{12}_[\w-]{43}/;

describe('the page of the tokens', () => {
  const post = (path: string, form: Record<string, string>, headers: Record<string, string> = session) =>
    api.send(path, {
      method: 'POST',
      body: new URLSearchParams(form),
      headers: { accept: 'text/html', ...headers },
    });

  test('makes a token and shows it once; the database has only its hash', async () => {
    const answer = await post('/tokens', { name: 'shown-once', role: 'viewer', days: '30' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const [token = ''] = TOKEN.exec(await answer.text()) ?? [];
    expect((await api.send(STATUS, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
    const page = await (await api.send('/tokens', { headers: session })).text();
    expect(page).toContain('shown-once');
    expect(page).not.toMatch(TOKEN);
    const record = await tokens().findById('shown-once');
    expect(record).toMatchObject({ role: 'viewer', made_by: OPERATOR.user, made_via: 'page' });
    expect(JSON.stringify(record)).not.toContain(token.slice(-43));
    const days = ((record?.expires_at?.getTime() ?? 0) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(30);
    // Nor does the audit have it.
    const audit = await auditOf('shown-once');
    expect(audit).toMatchObject([{ user: OPERATOR.user, via: 'page', operation: 'tokens.add viewer' }]);
    expect(JSON.stringify(audit)).not.toContain(token.slice(-43));
  });

  test('revokes a token, which is refused from then on', async () => {
    const token = await tokenOf(environment, 'to-revoke', 'operator');
    expect((await api.send(STATUS, { headers: token })).status).toBe(200);
    const answer = await post('/tokens/revoke', { name: 'to-revoke' });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/tokens?revoked=to-revoke']);
    expect((await api.send(STATUS, { headers: token })).status).toBe(401);
    expect(await auditOf('to-revoke')).toMatchObject([{ operation: 'tokens.revoke', result: true }, {}]);
    expect((await post('/tokens/revoke', { name: 'to-revoke' })).status).toBe(404);
  });

  test.each([
    [{ name: '<script>', role: 'viewer', days: '' }, 400],
    [{ name: '', role: 'viewer', days: '' }, 400],
    [{ name: '--add', role: 'viewer', days: '' }, 400],
    [{ name: 'x'.repeat(65), role: 'viewer', days: '' }, 400],
    [{ name: 'odd-role', role: 'admin', days: '' }, 400],
    [{ name: 'odd-days', role: 'viewer', days: '-1' }, 400],
    [{ name: 'odd-days', role: 'viewer', days: '1e99' }, 400],
    [{ name: 'twice', role: 'viewer', days: '' }, 200],
    [{ name: 'twice', role: 'operator', days: '' }, 409],
  ])('answers the form %j with %i', async (form, status) => {
    const answer = await post('/tokens', form);
    expect(answer.status).toBe(status);
    expect(await answer.text()).not.toContain('<script>');
  });

  test('is for operators, and in the language of its reader', async () => {
    const viewer = { cookie: await api.logIn(VIEWER), accept: 'text/html' };
    expect((await api.send('/tokens', { headers: viewer })).status).toBe(403);
    expect((await post('/tokens', { name: 'by-viewer', role: 'viewer', days: '' }, viewer)).status).toBe(403);
    expect(await tokens().findById('by-viewer')).toBeUndefined();
    const french = await api.send('/tokens', { headers: { ...session, 'accept-language': 'fr' } });
    expect(await french.text()).toContain('Créer un jeton');
  });
});

describe('a token', () => {
  test('is in the audit with its name and its maker', async () => {
    const token = await tokenOf(environment, 'deploy', 'operator');
    expect((await api.send(PAUSE, { method: 'POST', headers: token })).status).toBe(200);
    const [row] = await auditOf('sync');
    expect(row).toMatchObject({ user: 'deploy (ama)', via: 'api', operation: 'queues.pause' });
  });

  test('of a user who becomes a viewer only reads, and ends with the user', async () => {
    await api.writeUsers([
      { name: VIEWER.user, role: 'viewer' },
      { name: 'yaw', role: 'operator' },
    ]);
    const token = await tokenOf(environment, 'of-yaw', 'operator', 'yaw');
    const statuses = async () => [
      (await api.send(STATUS, { headers: token })).status,
      (await api.send(PAUSE, { method: 'POST', headers: token })).status,
    ];
    const become = (wanted: readonly number[]) =>
      eventually('what the token may do', statuses, (found) => String(found) === String(wanted));
    await become([200, 200]);
    await api.writeUsers([{ name: 'yaw', role: 'viewer' }]);
    await become([200, 403]);
    await api.writeUsers([{ name: VIEWER.user, role: 'viewer' }]);
    await become([401, 401]);
  });

  test('says when it was used last, which is written once a minute', async () => {
    const token = await tokenOf(environment, 'used', 'viewer');
    const lastUsed = async () => (await tokens().findById('used'))?.last_used_at;
    expect(await lastUsed()).toBeNull();
    await api.send(STATUS, { headers: token });
    const first = await eventually('the use', lastUsed);
    await delay(20);
    await api.send(STATUS, { headers: token });
    await delay(100);
    expect(await lastUsed()).toEqual(first);
  });

  test('that is wrong slows down wrong ones from its address, never a right one', async () => {
    const from = '203.0.113.7';
    const wrong = { authorization: `Bearer sonotheque_0123456789ab_${'B'.repeat(43)}` };
    const right = await tokenOf(environment, 'beside-wrong', 'viewer');
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 4; attempt += 1)
      statuses.push((await api.send(STATUS, { from, headers: wrong })).status);
    expect(statuses).toEqual([401, 401, 401, 429]);
    const early = await api.send(STATUS, { from, headers: wrong });
    expect([early.status, early.headers.get('retry-after')]).toEqual([429, '1']);
    expect((await api.send(STATUS, { from, headers: right })).status).toBe(200);
    expect((await api.send(STATUS, { from: '203.0.113.8', headers: wrong })).status).toBe(401);
  });

  test('works without a login, and a wrong one does not', async () => {
    const open = async (headers: Record<string, string>, method = 'GET', path = STATUS) =>
      (await fetch(new URL(path, local.url), { method, headers })).status;
    const viewer = await tokenOf(environment, 'local', 'viewer', null);
    expect(await open(viewer)).toBe(200);
    expect(await open(viewer, 'POST', PAUSE)).toBe(403);
    expect(await open({ authorization: `Bearer sonotheque_0123456789ab_${'C'.repeat(43)}` })).toBe(401);
    // Nobody answers for it where people have to log in.
    expect((await api.send(STATUS, { headers: viewer })).status).toBe(401);
  });
});

test('the command makes, lists and revokes tokens', async () => {
  const { variables, directory } = environment;
  const run = async (...args: string[]) => {
    const program = startProgram('tokens', args, { variables, directory });
    const exitCode = await program.ended;
    return { exitCode, stdout: program.stdout(), stderr: program.stderr() };
  };
  const made = await run('--add', 'by-command', '--role', 'operator', '--days', '7', '--json');
  const { token } = JSON.parse(made.stdout) as { token: string };
  const headers = { authorization: `Bearer ${token}` };
  expect((await api.send(PAUSE, { method: 'POST', headers })).status).toBe(200);
  const results = [
    await run('--add', 'by-command'),
    await run('--revoke', 'by-command', '--role', 'viewer'),
    await run('--list', '--add', 'x'),
    await run(),
    await run('--revoke', 'by-command'),
    await run('--revoke', 'by-command'),
  ];
  expect(results.map(({ exitCode }) => exitCode)).toEqual([1, 2, 2, 0, 0, 1]);
  expect(results[3]?.stdout).toMatch(/by-command +operator /);
  expect((await api.send(STATUS, { headers })).status).toBe(401);
}, 60_000);
