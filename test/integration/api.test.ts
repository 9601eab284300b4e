import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ENDPOINTS } from '../../src/dashboard/api/endpoints.ts';
import { API_PATH } from '../../src/dashboard/api/problem.ts';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { videoDocumentId } from '../../src/domain/video-key.ts';
import { OPERATOR, startTestApi, tokenOf, type TestApi } from '../support/api.ts';
import { EXAMPLES, HOSTILE, openExampleArchive, SECRET } from '../support/api-archive.ts';
import { exampleOf } from '../support/api-examples.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import { eventually } from '../support/eventually.ts';
import { keyOf, type ReconcileEnvironment } from '../support/reconcile-environment.ts';

interface Page {
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly next: string | null;
}

let environment: ReconcileEnvironment;
let dashboard: Dashboard;
let api: TestApi;

beforeAll(async () => {
  environment = await openExampleArchive();
  dashboard = await startTestDashboard(environment);
  api = await startTestApi(environment);
});
afterAll(async () => {
  await Promise.all([dashboard.close(), api.close()]);
  await environment.close();
});

const send = (path: string, init: RequestInit = {}) =>
  fetch(new URL(`${API_PATH}${path}`, dashboard.url), init);
const read = async (path: string) => (await (await send(path)).json()) as Page;

describe('text from outside', () => {
  const reads = ENDPOINTS.filter(({ method, answer }) => method === 'get' && answer !== undefined);

  test.each(reads.map((endpoint) => [endpoint.id, endpoint] as const))(
    'is data in %s',
    async (_id, endpoint) => {
      const answer = await fetch(new URL(exampleOf(endpoint).path, dashboard.url));
      const text = await answer.text();
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('set-cookie')).toBeNull();
      expect(text).not.toContain(SECRET);
      // Neither what recognises a token or an address of a feed, nor paths of this machine.
      expect(text).not.toMatch(/"hash"|sonotheque_[0-9a-f]{12}_/);
      expect(text).not.toContain(environment.directory);
    },
  );

  test('arrives as it is', async () => {
    const { items } = await read('/videos?status=failed');
    expect(items).toMatchObject([{ title: HOSTILE, author: HOSTILE, url: 'https://example.org/x' }]);
    const found = await read(`/videos?text=${encodeURIComponent('<script>alert("x")</script>')}`);
    expect(found.items).toHaveLength(1);
    expect(({} as Record<string, unknown>)['1']).toBeUndefined();
  });
});

describe('pages of a list', () => {
  const keys = Array.from({ length: 25 }, (_value, index) => keyOf(1_000 + index));
  beforeAll(async () => {
    const { database } = environment;
    await database.videos.discover(
      keys.map((key, index) => ({ key, url: 'https://example.org/x', title: `Paged ${String(index)}` })),
    );
    for (let index = 0; index < 15; index += 1)
      await database.playlists.register(
        { id: `playlist.PLpaged${String(index)}`, url: 'https://example.org/x' },
        new Date(),
      );
    for (let index = 0; index < 12; index += 1) {
      const row = {
        user: null,
        via: 'page',
        operation: `test ${String(index)}`,
        targets: ['paged'],
      } as const;
      await database.audit.begin({ ...row, targets: [...row.targets] });
    }
  });

  test.each([
    ['/videos?text=paged&limit=7', 'id', 25],
    ['/videos?text=paged&limit=7&sort=title&order=asc', 'id', 25],
    ['/videos?text=paged&limit=7&sort=duration', 'id', 25],
    ['/playlists?text=paged&limit=4', 'id', 15],
    ['/audit?target=paged&limit=5', 'operation', 12],
  ])('%s: together they have each item once', async (first, field, count) => {
    const seen: unknown[] = [];
    let path = first;
    for (let pages = 0; pages < 10; pages += 1) {
      const answer = await send(path);
      const { items, next } = (await answer.json()) as Page;
      seen.push(...items.map((item) => item[field]));
      const link = /^<([^>]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1];
      expect(link === undefined).toBe(next === null);
      if (link === undefined) break;
      path = link.slice(API_PATH.length);
    }
    expect(seen).toHaveLength(count);
    expect(new Set(seen).size).toBe(count);
  });

  test('a cursor of another list or another order is refused', async () => {
    const { next } = await read('/videos?text=paged&limit=7');
    const cursor = `cursor=${String(next)}`;
    for (const path of [
      `/videos?sort=title&${cursor}`,
      `/playlists?${cursor}`,
      `/audit?target=paged&${cursor}`,
      '/videos?cursor=abc',
    ])
      expect([path, (await send(path)).status]).toEqual([path, 400]);
    expect((await send(`/videos?text=paged&${cursor}`)).status).toBe(200);
  });

  test('are counted on request', async () => {
    const page = (await read('/videos?text=paged&limit=1&count=true')) as unknown as { count: unknown };
    expect(page.count).toEqual({ count: 25, isExact: true, countedAt: null });
  });
});

describe('one video', () => {
  test('has its file, its playlists and why it failed', async () => {
    const stored = await (await send(`/videos/${EXAMPLES.video}`)).json();
    expect(stored).toMatchObject({
      id: EXAMPLES.video,
      status: 'mirrored',
      audio: { format: 'mp3' },
      error: null,
    });
    const failed = await (await send(`/videos/${videoDocumentId(keyOf(1))}`)).json();
    expect(failed).toMatchObject({
      description: HOSTILE,
      tags: [HOSTILE],
      thumbnail: 'https://example.org/x',
    });
    expect(failed).toMatchObject({
      status: 'failed',
      reason: 'private',
      error: { class: 'private', stage: 'download' },
    });
  });

  test('can be heard in ranges', async () => {
    const audio = `/videos/${EXAMPLES.video}/audio`;
    const whole = await send(audio);
    const bytes = Buffer.from(await whole.arrayBuffer());
    const part = await send(audio, { headers: { range: 'bytes=2-5' } });
    expect([part.status, part.headers.get('content-range')]).toEqual([
      206,
      `bytes 2-5/${String(bytes.length)}`,
    ]);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(2, 6));
    expect((await send(audio, { headers: { range: 'bytes=99999-' } })).status).toBe(416);
    const named = await send(`${audio}?download=true`, { method: 'HEAD' });
    expect(named.headers.get('content-disposition')).toContain('attachment');
    expect((await send(`/videos/${videoDocumentId(keyOf(1))}/audio`)).status).toBe(404);
  });
});

describe('what is done by the API', () => {
  const post = async (path: string, body?: unknown) => {
    const type = { 'content-type': 'application/json' };
    const init = body === undefined ? {} : { body: JSON.stringify(body), headers: type };
    const answer = await send(path, { method: 'POST', ...init });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };

  test('goes through the operations and their audit', async () => {
    const id = videoDocumentId(keyOf(1));
    expect(await post(`/videos/${id}/retry`)).toEqual({ status: 200, body: { id, outcome: 'retried' } });
    const { items } = await read(`/audit?target=${id}`);
    expect(items).toMatchObject([{ via: 'api', operation: 'videos.retry', targets: 1 }]);
  });

  test('several at once: one that is unknown does not stop the others', async () => {
    const [known, unknown] = [videoDocumentId(keyOf(1_000)), videoDocumentId(keyOf(9_999))];
    expect(await post('/videos/changes', { action: 'skip', ids: [unknown, known] })).toEqual({
      status: 200,
      body: {
        items: [
          { id: unknown, outcome: 'unknown' },
          { id: known, outcome: 'skipped' },
        ],
      },
    });
    expect((await post('/videos/changes', { action: 'skip', ids: ['nonsense'] })).body).toMatchObject({
      errors: [{ in: 'body', field: 'ids.0' }],
    });
  });

  test('all that match a filter, with progress and undo', async () => {
    const before = await (await send('/videos/matching?action=skip&text=paged')).json();
    expect(before).toEqual({ affected: 24, byStatus: { discovered: 24, skipped: 1 } });
    const request = { action: 'skip', filter: { text: 'paged' }, confirmed: 24 };
    const begun = await post('/videos/matching', request);
    expect(begun.status).toBe(202);
    const operation = `/operations/${String(begun.body['operation'])}`;
    const progress = async (path: string) => (await (await send(path)).json()) as { readonly state: string };
    const finished = (path: string) =>
      eventually(
        'the end',
        () => progress(path),
        ({ state }) => state !== 'running',
      );
    expect(await finished(operation)).toMatchObject({
      state: 'finished',
      done: 24,
      outcomes: { skipped: 24 },
      canBeUndone: true,
    });
    const undone = await post(`${operation}/undo`);
    expect(undone.status).toBe(202);
    await finished(`/operations/${String(undone.body['operation'])}`);
    expect((await read('/videos?text=paged&status=skipped')).items).toHaveLength(1);
    // Without a filter it would be every video.
    expect((await post('/videos/matching', { ...request, filter: {} })).status).toBe(400);
  });

  test('lines that are no playlist are refused each with its reason', async () => {
    const lines = ['https://www.youtube.com/playlist?list=PLqrstuvwxyz0123', HOSTILE, 'nonsense here'];
    const { status, body } = await post('/playlists', { lines });
    expect(status).toBe(200);
    expect(body['items']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ type: 'playlist', outcome: 'added' }),
        expect.objectContaining({ type: 'problem', reason: expect.any(String) }),
      ]),
    );
  });

  test('settings of a playlist: wrong ones name their field', async () => {
    const patch = (body: unknown) =>
      send(`/playlists/${EXAMPLES.playlist}`, {
        ...{ method: 'PATCH', body: JSON.stringify(body) },
        headers: { 'content-type': 'application/json' },
      });
    const changed = await patch({ minDurationSeconds: 60, language: 'fr' });
    expect(await changed.json()).toMatchObject({ outcome: 'changed', settings: { language: 'fr' } });
    const wrong = await patch({ priority: -1, unknown: 1 });
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({
      errors: expect.arrayContaining([expect.objectContaining({ field: 'priority' })]),
    });
  });
});

test('the examples of docs/api.md work as they stand there', async () => {
  const text = await readFile(new URL('../../docs/api.md', import.meta.url), 'utf8');
  const examples = [...text.matchAll(/```sh\n([^`]+)```/g)].map(([, commands = '']) => commands);
  expect(examples.length).toBeGreaterThan(3);
  const { authorization } = await tokenOf(environment, 'examples', 'operator', null);
  const variables = {
    DASHBOARD: new URL(dashboard.url).origin,
    TOKEN: authorization.slice('Bearer '.length),
  };
  for (const commands of examples) {
    const options = { cwd: environment.directory, env: { ...process.env, ...variables } };
    const { stdout } = await promisify(execFile)('bash', ['-euc', commands], options);
    if (!commands.includes('--output'))
      expect([commands, typeof JSON.parse(stdout)]).toEqual([commands, 'object']);
  }
});

describe('a browser', () => {
  test('that opens an address gets the login page, and then the answer', async () => {
    const headers = { accept: 'text/html' };
    const path = `${API_PATH}/queues?limit=1`;
    const asked = await api.send(path, { headers });
    expect([asked.status, asked.headers.get('location')]).toEqual([
      303,
      `/login?next=${encodeURIComponent(path)}`,
    ]);
    const cookie = await api.logIn(OPERATOR);
    const opened = { cookie, accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
    expect((await api.send(`${API_PATH}/queues`, { headers: opened })).status).toBe(200);
  });

  test('reads the documentation without a login', async () => {
    const page = await api.send(`${API_PATH}/docs`);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const document = await api.send(`${API_PATH}/openapi.json`);
    const etag = document.headers.get('etag') ?? '';
    expect((await api.send(`${API_PATH}/openapi.json`, { headers: { 'if-none-match': etag } })).status).toBe(
      304,
    );
  });

  test('still finds the addresses of before', async () => {
    const cookie = await api.logIn(OPERATOR);
    expect(await (await api.send('/api/status', { headers: { cookie } })).json()).toHaveProperty('queues');
    expect([200, 503]).toContain((await api.send('/api/health', { headers: { cookie } })).status);
    expect((await api.send('/api/status', { method: 'POST', headers: { cookie } })).status).toBe(405);
    expect((await api.send('/api/nothing', { headers: { cookie } })).status).toBe(404);
  });
});
