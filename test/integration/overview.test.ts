import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hashPassword } from '../../src/dashboard/login/password-hash.ts';
import { writeUsersFile } from '../../src/dashboard/login/users-file.ts';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { PermanentError } from '../../src/domain/job-errors.ts';
import { videoDocumentId } from '../../src/domain/video-key.ts';
import { egressLedgerOf } from '../../src/egress/egress-ledger.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import { eventually } from '../support/eventually.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

const PASSWORD = 'correct horse battery';
const KEY = { provider: 'youtube', videoId: 'overview001' } as const;
const ITEM = videoDocumentId(KEY);
const HOSTILE = '<img src=x onerror=alert(1)>\u202egnp.exe';
const SHOWN = '&lt;img src=x onerror=alert(1)&gt;gnp.exe';

let environment: TestEnvironment;
let dashboard: Dashboard;

beforeAll(async () => {
  environment = await openTestEnvironment({ EGRESS: 'home: budget=300' });
  const usersFile = path.join(environment.directory, 'users.txt');
  const hash = await hashPassword(PASSWORD);
  await writeUsersFile(usersFile, [
    { name: 'operator', role: 'operator', hash },
    { name: 'viewer', role: 'viewer', hash },
  ]);
  dashboard = await startTestDashboard(environment, undefined, { usersFile });
});
afterAll(async () => {
  await dashboard.close();
  await environment.close();
});

type User = 'operator' | 'viewer';
const as = (user: User) => ({
  authorization: `Basic ${Buffer.from(`${user}:${PASSWORD}`).toString('base64')}`,
});
const open = (where: string, user: User, headers: Record<string, string> = {}) =>
  fetch(new URL(where, dashboard.url), { headers: { ...as(user), ...headers }, redirect: 'manual' });
const read = async (where: string, user: User, headers: Record<string, string> = {}) =>
  (await (await open(where, user, headers)).text()).replaceAll(/\s+/g, ' ');
const act = (user: User, action: string, target: string) =>
  fetch(new URL('/actions', dashboard.url), {
    ...{ method: 'POST', redirect: 'manual', headers: as(user) },
    body: new URLSearchParams({ action, target }),
  });
const audited = async (operation: string) =>
  await environment.database.connection.collection('audit').find({ operation }).toArray();

async function rest(): Promise<void> {
  const ledger = egressLedgerOf(environment.queues);
  const grant = await ledger.acquire(environment.config.egress.addresses, 'download', 1_000, 0, ITEM);
  if ('waitMs' in grant) throw new Error('The start was not granted.');
  const refused = { kind: 'refused', reason: 'bot_check', restAtLeastMs: 0 } as const;
  await ledger.report(grant, refused, { minRestMs: 600_000, maxRestMs: 600_000 });
}

test('an empty archive has a form that takes playlists and says what happens next; viewers get none', async () => {
  const page = await read('/', 'operator');
  expect(page).toMatch(/<form class="add" method="post" action="\/playlists"/);
  expect(page).toContain('A worker lists each playlist and records its videos.');
  const forViewers = await read('/', 'viewer');
  expect(forViewers).not.toContain('action="/playlists"');
  expect(forViewers).toContain('An operator can add playlists');
});

describe('an address that rests', () => {
  beforeAll(async () => {
    await environment.database.videos.discover([
      { key: KEY, url: 'https://example.org/x', title: 'Rain', skipReason: undefined } as never,
    ]);
    await rest();
  });

  test('is the first thing on the page, with the item that caused it', async () => {
    // What others change is seen a moment later.
    const page = await eventually(
      'the rest',
      () => read('/', 'operator'),
      (text) => text.includes(' rests for '),
    );
    const trouble = page.slice(page.indexOf('<h2 id="trouble">'), page.indexOf('class="figures"'));
    expect(trouble).toContain('Egress address home rests for 10 min more');
    expect(trouble).toContain(`<a href="/videos/${ITEM}">${ITEM}</a>`);
    expect(trouble).toContain('bot_check');
    expect(trouble).toContain('value="end-rest"');
    expect(trouble).toContain('value="skip-item"');
  });

  test('is read in French by who asks for it', async () => {
    const page = await read('/', 'viewer', { 'accept-language': 'fr' });
    expect(page).toContain('L&#39;adresse de sortie home se repose encore 10 min');
  });

  test('cannot be ended by a viewer', async () => {
    const page = await read('/', 'viewer');
    expect(page).toContain('rests for');
    expect(page).not.toContain('action="/actions"');
    expect((await act('viewer', 'end-rest', 'home')).status).toBe(403);
    expect(await egressLedgerOf(environment.queues).read()).toMatchObject([{ circuit: 'open' }]);
  });

  test('is ended by an operator: the next start is a probe, and who did it is on record', async () => {
    const answer = await act('operator', 'end-rest', 'home');
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe('/?done=rest_ended');
    const page = await read('/?done=rest_ended', 'operator');
    expect(page).toContain('The rest has ended: the next start is a probe.');
    expect(page).toContain('Egress address home is probed');
    expect(page).not.toContain('value="end-rest"');
    expect(await audited('egress.end-rest')).toMatchObject([
      { user: 'operator', via: 'page', targets: ['home'], result: true },
    ]);
    const again = await act('operator', 'end-rest', 'home');
    expect(again.headers.get('location')).toBe('/?done=not_resting');
  });

  test('the item is skipped', async () => {
    expect((await act('operator', 'skip-item', ITEM)).headers.get('location')).toBe('/?done=skipped');
    expect(await environment.database.videos.find(KEY)).toMatchObject({
      status: 'skipped',
      skip_reason: 'ignored',
    });
    expect((await act('operator', 'skip-item', ITEM)).headers.get('location')).toBe('/?done=skipped');
    expect((await act('operator', 'skip-item', 'nobody')).headers.get('location')).toBe('/?done=unknown');
  });
});

test('a queue is paused and resumed; who paused it is shown', async () => {
  expect((await act('operator', 'pause-queue', 'download')).headers.get('location')).toBe('/?done=paused');
  expect(await environment.queues.isPaused('download')).toBe(true);
  const page = await read('/', 'viewer');
  expect(page).toContain('download is paused by operator');
  expect(await read('/', 'operator')).toMatch(/value="resume-queue" aria-label="Resume: download"/);
  await act('operator', 'resume-queue', 'download');
  expect(await environment.queues.isPaused('download')).toBe(false);
  expect(await read('/', 'viewer')).not.toContain('is paused by');
});

test.each([
  ['an unknown action', 'format-disk', 'home'],
  ['an unknown queue', 'pause-queue', 'constructor'],
  ['no target', 'end-rest', ''],
  ['an unknown source', 'run-source', '__proto__'],
])('%s changes nothing', async (_what, action, target) => {
  const answer = await act('operator', action, target);
  expect(answer.headers.get('location')).toMatch(/done=(unknown|no_sources)$/);
});

test('texts from outside are text wherever they are shown', async () => {
  const { database, queues } = environment;
  const key = { provider: 'youtube', videoId: 'overview002' } as const;
  await database.videos.discover([{ key, url: 'javascript:alert(1)', title: HOSTILE }]);
  await database.videos.markFailed(
    key,
    0,
    { stage: 'download', resumeAt: 'download' },
    new PermanentError('private', HOSTILE),
  );
  await database.playlists.register({ id: 'PLhostile', url: 'javascript:alert(1)' }, new Date());
  await database.connection
    .collection('playlists')
    .updateOne({ _id: 'PLhostile' as never }, { $set: { title: HOSTILE } });
  await queues.pauses.put(
    {
      queue: 'download',
      worker: HOSTILE,
      host: HOSTILE,
      kind: 'fault',
      class: HOSTILE,
      reason: HOSTILE,
      advice: HOSTILE,
      item: HOSTILE,
      since: new Date(),
    },
    60_000,
  );
  await database.queuePauses.add('upload', { user: HOSTILE, via: 'page' });
  const page = await eventually(
    'the pause',
    () => read('/?done=<script>', 'operator'),
    (text) => text.includes(' is paused by '),
  );
  expect(page).not.toMatch(/<img src=x|\u202e|href="javascript:|done=<script>/);
  expect(page.split(SHOWN).length).toBeGreaterThan(5);
  await queues.pauses.remove('download', HOSTILE);
  await database.queuePauses.remove('upload');
});

test('the figures of the chart are those of the table', async () => {
  const { database } = environment;
  const key = { provider: 'youtube', videoId: 'overview003' } as const;
  await database.videos.discover([{ key, url: 'https://example.org/x', title: 'Stored' }]);
  const audio = { size: 5_000_000, duration: 7_200, format: 'mp3' };
  await database.videos.markDownloaded(key, 0, audio, {});
  await database.videos.markStored(key, 0, { ...audio, key: 'audio/youtube/overview003.mp3' });
  const columns = await eventually<Record<string, number[]>>(
    'the figures',
    async () =>
      (await (await open('/overview/throughput.json', 'viewer')).json()) as Record<string, number[]>,
    ({ videos }) => videos?.at(-1) === 1 || videos?.at(-2) === 1,
  );
  expect(columns['at']).toHaveLength(145);
  expect(columns['failed']).toHaveLength(145);
  const page = await read('/', 'viewer');
  expect(page).toMatch(/<td[^>]*>last hour<\/td> <td[^>]*>1<\/td>/);
  expect(page).toContain('2.0 h');
});

describe('the events', () => {
  test('need a login, and say when something has changed', async () => {
    expect((await fetch(new URL('/events', dashboard.url))).status).toBe(401);
    const controller = new AbortController();
    const response = await fetch(new URL('/events', dashboard.url), {
      headers: as('viewer'),
      signal: controller.signal,
    });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body ?? []) text += Buffer.from(chunk as Uint8Array).toString();
    })().catch(() => undefined);
    await act('operator', 'pause-queue', 'sync');
    await eventually('the event', () => text.includes('event: changed'));
    await act('operator', 'resume-queue', 'sync');
    controller.abort();
    await reading;
  });
});

test('while Redis is away, what was read last is shown with its age', async () => {
  const other = await openTestEnvironment();
  const away = await startTestDashboard(other);
  try {
    expect((await fetch(away.url)).status).toBe(200);
    other.queues.redis.disconnect();
    const page = await eventually(
      'the outage',
      async () => await fetch(away.url, { headers: { accept: 'text/html' } }),
      ({ status }) => status === 503,
    );
    const text = await page.text();
    expect(text).toContain('class="away"');
    expect(text).toMatch(/Redis does not answer\.[^<]*What you see is older:/);
    // The page replaces its own parts.
    const part = await fetch(away.url, { headers: { accept: 'text/html', 'hx-request': 'true' } });
    expect(part.status).toBe(200);
    expect(await part.text()).toContain('class="away"');
  } finally {
    await away.close();
    await other.queues.redis.connect();
    await other.close();
  }
});
