import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { VideoDocument } from '../../src/database/collections/video.ts';
import { writeUsersFile } from '../../src/dashboard/login/users-file.ts';
import { hashPassword } from '../../src/dashboard/login/password-hash.ts';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { videoDocumentId } from '../../src/domain/video-key.ts';
import { changeMatchingVideos, undoSkipOperation } from '../../src/operations/change-matching-videos.ts';
import { skipVideos } from '../../src/operations/skip-videos.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import { eventually } from '../support/eventually.ts';
import { keyOf } from '../support/reconcile-environment.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { insertVideos, videoRecord } from '../support/video-records.ts';
import { withOverrides } from '../support/with-overrides.ts';

const ACTOR = { user: 'ada', via: 'command' } as const;
const never = new AbortController().signal;
const failure = {
  class: 'private',
  message: 'It is private.',
  advice: '',
  at: new Date(),
  stage: 'download',
} as const;

let environment: TestEnvironment;
let dashboard: Dashboard;

beforeEach(async () => {
  environment = await openTestEnvironment();
  dashboard = await startTestDashboard(environment);
});
afterEach(async () => {
  await dashboard.close();
  await environment.close();
});

const post = (
  address: string,
  fields: readonly (readonly [string, string])[],
  headers: Record<string, string> = {},
) =>
  fetch(new URL(address, dashboard.url), {
    ...{ method: 'POST', redirect: 'manual', headers: { accept: 'text/html', ...headers } },
    body: new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])),
  });
const get = async (address: string) => await (await fetch(new URL(address, dashboard.url))).text();
const locationOf = (response: Response) => response.headers.get('location') ?? '';
const video = (number: number) => environment.database.videos.find(keyOf(number));
const insert = (from: number, count: number, fields: Partial<VideoDocument> = {}) =>
  insertVideos(
    environment.database,
    Array.from({ length: count }, (_value, index) => videoRecord(from + index, fields)),
  );
const statuses = async () => Object.fromEntries(await environment.database.search.countByStatus({}));
/** The fields of the form of a page that asks for a confirmation, and its address. */
function formOf(text: string) {
  const form = /<form class="actions" method="post" action="([^"]*)">(.*?)<\/form>/s.exec(text);
  const inputs = (form?.[2] ?? '').matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g);
  return {
    address: (form?.[1] ?? '').replaceAll('&amp;', '&'),
    fields: Array.from(inputs, ([, name = '', value = '']) => [name, value] as const),
  };
}
const undoOn = (text: string) => /action="(\/videos\/operations\/[\w-]+\/undo)"/.exec(text)?.[1] ?? '';

describe('an action on a selection', () => {
  const both = [1, 2].map((number) => ['id', videoDocumentId(keyOf(number))] as const);

  test('of several asks first, says what happens to how many, and can be undone', async () => {
    await insert(1, 1);
    await insert(2, 1, { status: 'failed', error: failure });
    await insert(3, 1);
    const asked = await post('/videos?text=x', [['action', 'skip'], ...both]);
    const text = await asked.text();
    expect(asked.status).toBe(200);
    expect(text).toContain('Skip 2 videos?');
    expect(await statuses()).toEqual({ discovered: 2, failed: 1 });
    const { address, fields } = formOf(text);
    expect(address).toBe('/videos?text=x');
    const done = await get(locationOf(await post(address, fields)));
    expect(done).toContain('2 skipped.');
    expect(await statuses()).toEqual({ discovered: 1, skipped: 2 });
    const [row] = await environment.database.audit.ofTarget(videoDocumentId(keyOf(1)), 1);
    expect(row).toMatchObject({ operation: 'videos.skip', via: 'page' });

    const undone = await get(locationOf(await post(undoOn(done), [])));
    expect(undone).toContain('1 is downloaded now');
    expect(undone).toContain('1 is as it was before');
    expect(await video(1)).toMatchObject({ status: 'discovered', round: 1 });
    // What had failed is failed again, with its reason: nothing is downloaded for it.
    expect(await video(2)).toMatchObject({ status: 'failed', round: 0, error: { class: 'private' } });
    expect((await environment.queues.jobs.counts('download')).waiting).toBe(1);
    // Once more changes nothing.
    await post(undoOn(done), []);
    expect(await video(1)).toMatchObject({ status: 'discovered', round: 1 });
    expect((await environment.database.audit.ofTarget(videoDocumentId(keyOf(2)), 1))[0]).toMatchObject({
      operation: 'videos.undo skip',
    });
  });

  test('of one is done at once', async () => {
    await insert(1, 1);
    const done = await get(locationOf(await post('/videos', [['action', 'skip'], ...both.slice(0, 1)])));
    expect(done).toContain('1 skipped.');
    expect(undoOn(done)).not.toBe('');
  });

  test.each([
    ['nothing selected', [['action', 'skip']], 'select videos first'],
    ['an unknown action', [['action', 'constructor'], ...both], 'not understood'],
    [
      'an id that is none',
      [
        ['action', 'skip'],
        ['id', '../x'],
      ],
      'not understood',
    ],
    ['a mirror that does not exist', [['action', 'remirror'], ...both], 'None of these videos'],
    [
      'too many',
      [['action', 'skip'], ...Array.from({ length: 201 }, () => ['id', videoDocumentId(keyOf(1))] as const)],
      'at most 200 videos',
    ],
  ] as const)('with %s does nothing', async (_what, fields, reason) => {
    await insert(1, 2);
    const response = await post('/videos', fields);
    expect(response.status).toBe(303);
    expect(await get(locationOf(response))).toContain(reason);
    expect(await statuses()).toEqual({ discovered: 2 });
  });
});

describe('an action on all that match', () => {
  const matching = [
    ['action', 'skip'],
    ['scope', 'matching'],
  ] as const;

  test('says what happens to how many, does it in batches, and is undone as a whole', async () => {
    await insert(1, 220, { title: 'Rain' });
    await insert(501, 3, { title: 'Rain', status: 'stored', audio: { format: 'mp3', size: 1 } });
    await insert(601, 2, { title: 'Rain', status: 'failed', error: failure });
    await insert(701, 2, { title: 'Wind' });
    await insert(801, 2, { title: 'Rain', status: 'skipped', skip_reason: 'too_short' });
    const asked = await (await post('/videos?text=rain', matching)).text();
    expect(asked).toContain('Skip 222 videos?');
    expect(asked).toContain('Title, id or address: rain');
    expect(asked).toContain('stays as it is');
    const { address, fields } = formOf(asked);
    expect(Object.fromEntries(fields)).toMatchObject({ confirmed: '222', scope: 'matching' });
    const location = locationOf(await post(address, fields));
    const id = /operations?[/=]([\w-]+)/.exec(location)?.[1] ?? '';
    await eventually('the end', async () => {
      return (await get(`/videos/operations/${id}`)).includes('It is finished.');
    });
    expect(await get(`/videos/operations/${id}`)).toContain('222 skipped.');
    expect(await statuses()).toEqual({ skipped: 224, stored: 3, discovered: 2 });
    const { audit } = environment.database;
    expect(await audit.findById(id)).toMatchObject({
      operation: 'videos.skip matching',
      targets: ['text=rain'],
      result: { state: 'finished', total: 222, done: 222, outcomes: { skipped: 222 } },
    });
    const [batch] = await audit.ofTarget(videoDocumentId(keyOf(1)), 1);
    expect(batch).toMatchObject({ operation: 'videos.skip', part_of: id });
    expect(batch?.targets).toHaveLength(200);

    // One that somebody decided anew is left alone.
    await environment.database.decisions.unskip(keyOf(7));
    await skipVideos([keyOf(7)], ACTOR, environment);
    const undo = await undoSkipOperation(id, ACTOR, { ...environment, signal: never });
    expect(undo).toMatchObject({ state: 'finished', outcomes: { unskipped: 219, restored: 2 } });
    expect(await video(7)).toMatchObject({ status: 'skipped', skip_reason: 'ignored' });
    expect(await statuses()).toEqual({ skipped: 3, stored: 3, discovered: 221, failed: 2 });
  });

  test('changes no more videos than were confirmed', async () => {
    await insert(1, 5);
    const asked = formOf(await (await post('/videos?status=discovered', matching)).text());
    await insert(100, 20);
    await post(asked.address, asked.fields);
    expect(await statuses()).toEqual({ skipped: 5, discovered: 20 });
  });

  test.each(['status=nonsense', 'status=failed&status=stored', 'text=a&text=b', 'class=x', 'sort=x'])(
    'with the wrong filter %s is refused, and never means all videos',
    async (query) => {
      await insert(1, 3);
      const response = await post(`/videos?${query}`, [...matching, ['confirmed', '3']]);
      expect(await get(locationOf(response))).toContain('not understood');
      expect(await statuses()).toEqual({ discovered: 3 });
    },
  );

  test('that nothing allows says so', async () => {
    await insert(1, 2, { status: 'stored', audio: { format: 'mp3', size: 1 } });
    const text = await (await post('/videos', matching)).text();
    expect(text).toContain('None of these videos is in a state');
    expect(formOf(text).fields).toEqual([]);
  });

  test('of all videos says that there is no filter', async () => {
    await insert(1, 2);
    expect(await (await post('/videos', matching)).text()).toContain('All videos, without a filter');
  });

  test('goes on when one video fails, and again does the rest', async () => {
    await insert(1, 210);
    const broken = videoDocumentId(keyOf(5));
    const { queues, database } = environment;
    let isBroken = true;
    const jobs = withOverrides(queues.jobs, {
      remove: async (name: Parameters<typeof queues.jobs.remove>[0], id: string) => {
        if (isBroken && id.includes(broken)) throw new Error('Redis is confused.');
        await queues.jobs.remove(name, id);
      },
    });
    const dependencies = { database, queues: withOverrides(queues, { jobs }), signal: never };
    const work = { action: 'skip', query: {}, confirmed: 210 } as const;
    expect(await changeMatchingVideos(work, ACTOR, dependencies)).toMatchObject({
      state: 'finished',
      outcomes: { skipped: 209, error: 1 },
    });
    isBroken = false;
    expect(await changeMatchingVideos(work, ACTOR, dependencies)).toMatchObject({ state: 'finished' });
    expect(await statuses()).toEqual({ skipped: 210 });
  });

  test('that is interrupted says so, and again does the rest', async () => {
    await insert(1, 250, { status: 'failed', error: failure });
    const stop = new AbortController();
    const { database, queues } = environment;
    const work = { action: 'retry', query: { status: 'failed' }, confirmed: 250 } as const;
    const cut = await changeMatchingVideos(work, ACTOR, {
      ...{ database, queues, signal: stop.signal },
      onProgress: ({ done }) => {
        if (done > 0) stop.abort();
      },
    });
    expect(cut).toMatchObject({ state: 'interrupted', done: 200, total: 250 });
    expect(await statuses()).toEqual({ discovered: 200, failed: 50 });
    const rest = await changeMatchingVideos(work, ACTOR, { database, queues, signal: never });
    expect(rest).toMatchObject({ state: 'finished', outcomes: { retried: 50 } });
    for (const number of [1, 200, 201, 250]) expect(await video(number)).toMatchObject({ round: 1 });
  });

  test('stops when everything fails', async () => {
    await insert(1, 300);
    const { database, queues } = environment;
    const jobs = withOverrides(queues.jobs, { remove: () => Promise.reject(new Error('Redis is away.')) });
    const result = await changeMatchingVideos({ action: 'skip', query: {}, confirmed: 300 }, ACTOR, {
      ...{ database, queues: withOverrides(queues, { jobs }), signal: never },
    });
    expect(result).toMatchObject({ state: 'failed', error: 'Redis is away.' });
  });
});

test('a skip of what a filter had left out is undone to that', async () => {
  await insert(1, 1, { status: 'skipped', skip_reason: 'too_short' });
  await skipVideos([keyOf(1)], { ...ACTOR, operationId: 'op-1' }, environment);
  expect(await video(1)).toMatchObject({ skip_reason: 'ignored' });
  await undoSkipOperation('op-1', ACTOR, { ...environment, signal: never });
  expect(await video(1)).toMatchObject({ status: 'skipped', skip_reason: 'too_short', round: 0 });
});

test('only operators of this site may change something', async () => {
  const usersFile = path.join(environment.directory, 'users.txt');
  const users = [
    { name: 'kofi', role: 'viewer' },
    { name: 'ama', role: 'operator' },
  ] as const;
  const hash = await hashPassword('correct horse battery');
  await writeUsersFile(
    usersFile,
    users.map((user) => ({ ...user, hash })),
  );
  await dashboard.close();
  dashboard = await startTestDashboard(environment, undefined, { usersFile });
  await insert(1, 3);
  await skipVideos(
    [keyOf(3)],
    { ...ACTOR, operationId: '0b54e5a4-5d6f-4e9e-9a0a-1f4d8a3f0c11' },
    environment,
  );
  const as = (name: string) => ({
    authorization: `Basic ${Buffer.from(`${name}:correct horse battery`).toString('base64')}`,
  });
  const routes = [
    [
      '/videos',
      [
        ['action', 'skip'],
        ['id', videoDocumentId(keyOf(1))],
      ],
    ],
    [
      '/videos?status=discovered',
      [
        ['action', 'skip'],
        ['scope', 'matching'],
        ['confirmed', '2'],
      ],
    ],
    [`/videos/${videoDocumentId(keyOf(1))}`, [['action', 'skip']]],
    ['/videos/operations/0b54e5a4-5d6f-4e9e-9a0a-1f4d8a3f0c11/undo', []],
  ] as const;
  for (const [address, fields] of routes) {
    expect((await post(address, fields, as('kofi'))).status).toBe(403);
    expect((await post(address, fields, { ...as('ama'), 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await post(address, fields, { ...as('ama'), origin: 'https://evil.example' })).status).toBe(403);
    expect([303, 401]).toContain((await post(address, fields)).status);
  }
  expect(await statuses()).toEqual({ discovered: 2, skipped: 1 });
  for (const address of ['/videos', '/videos/export.csv', '/videos/export.jsonl']) {
    const open = (headers: Record<string, string>) =>
      fetch(new URL(address, dashboard.url), { headers, redirect: 'manual' });
    expect((await open({})).status).toBe(401);
    const shown = await open(as('kofi'));
    expect(shown.status).toBe(200);
    expect(await shown.text()).not.toContain('name="action"');
  }
  for (const [address, fields] of routes) expect((await post(address, fields, as('ama'))).status).toBe(303);
});
