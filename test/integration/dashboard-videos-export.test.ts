import { request } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { VideoDocument } from '../../src/database/collections/video.ts';
import type { Database } from '../../src/database/database.ts';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import { eventually } from '../support/eventually.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { insertVideos, videoRecord } from '../support/video-records.ts';
import { withOverrides } from '../support/with-overrides.ts';

const HOSTILE = '=HYPERLINK("http://x.example";"a,b")\r\n;@SUM(A1)';

let environment: TestEnvironment;
let dashboard: Dashboard | undefined;

beforeEach(async () => {
  environment = await openTestEnvironment();
});
afterEach(async () => {
  await dashboard?.close();
  await environment.close();
});

async function serve(database: Database = environment.database): Promise<(path: string) => URL> {
  const { url } = (dashboard = await startTestDashboard({ ...environment, database }));
  return (path) => new URL(path, url);
}
/** A database whose walks yield what a test says. */
function walking(pages: () => AsyncGenerator<readonly VideoDocument[], void>): Database {
  const { database } = environment;
  return { ...database, search: withOverrides(database.search, { walk: pages }) };
}
const page = (number: number) =>
  Array.from({ length: 500 }, (_value, index) => videoRecord(number * 500 + index));

describe('the list as a file', () => {
  beforeEach(async () => {
    await insertVideos(environment.database, [
      videoRecord(1, {
        title: HOSTILE,
        author: '+cmd',
        channel_id: '-1',
        url: 'https://example.org/x?token=secret',
      }),
      videoRecord(2, {
        ...{ status: 'stored', title: 'Été', duration: 12, published_at: new Date(0) },
        audio: { format: 'mp3', size: 5, duration: 12.5, key: 'audio/youtube/x.mp3', language: 'fr' },
      }),
      videoRecord(3, { status: 'failed', title: null }),
    ]);
  });

  test('is CSV without formulas, for Excel', async () => {
    const response = await fetch((await serve())('/videos/export.csv'));
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename=videos-[\d_]+\.csv$/);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
    const text = bytes.toString('utf8').slice(1);
    expect(text.split('\r\n')[0]).toBe(
      '"id","title","author","channel","url","status","reason","published_at","duration_seconds","size_bytes","language","object","updated_at"',
    );
    expect(text).toContain(`"'=HYPERLINK(""http://x.example"";""a,b"")\r\n;'@SUM(A1)","'+cmd","'-1"`);
    expect(text).toContain('"Été"');
    expect(text).toContain(',"1970-01-01T00:00:00.000Z",12.5,5,"fr","audio/youtube/x.mp3",');
    expect(text).not.toContain('secret');
    expect(text.endsWith('\r\n')).toBe(true);
  });

  test('is JSON Lines as it is', async () => {
    const response = await fetch((await serve())('/videos/export.jsonl'));
    expect(response.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    expect(response.headers.get('content-disposition')).toMatch(/\.jsonl$/);
    const lines = (await response.text()).trimEnd().split('\n');
    const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatchObject({ title: HOSTILE, author: '+cmd', url: 'https://example.org/x' });
    expect(rows[2]).toMatchObject({ title: null, status: 'failed' });
  });

  test('is what the filters show, in their order; without videos it has the names of the columns', async () => {
    const at = await serve();
    const titles = async (query: string) => {
      const text = await (await fetch(at(`/videos/export.jsonl?${query}`))).text();
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => (JSON.parse(line) as { title: string | null }).title);
    };
    expect(await titles('sort=title&order=desc')).toEqual(['Été', HOSTILE, null]);
    expect(await titles('status=failed&text=')).toEqual([null]);
    expect(await titles('text=nowhere')).toEqual([]);
    expect(await (await fetch(at('/videos/export.csv?text=nowhere'))).text()).toMatch(/^\uFEFF?"id".*\r\n$/);
  });

  test.each(['status=nonsense', 'class=x&class=y'])('with the wrong filter %s is refused', async (query) => {
    const response = await fetch((await serve())(`/videos/export.csv?${query}`), {
      headers: { accept: 'text/html' },
    });
    expect(response.status).toBe(400);
    expect(response.headers.get('content-disposition')).toBeNull();
    expect(await response.text()).toContain('A filter in this address is wrong');
  });

  test('has a head without a body', async () => {
    const response = await fetch((await serve())('/videos/export.csv'), { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/csv');
  });
});

test('a video that changes while the file is written is in it once', async () => {
  await insertVideos(
    environment.database,
    Array.from({ length: 1_200 }, (_value, index) => videoRecord(index)),
  );
  const { database } = environment;
  const change = async () => {
    await database.connection.model('Video').updateMany({}, { updated_at: new Date() });
  };
  const search = withOverrides(database.search, {
    walk: async function* () {
      for await (const videos of database.search.walk({}, 500)) {
        yield videos;
        await change();
      }
    },
    // Whichever of the two ways is taken.
    page: async (...wanted: Parameters<typeof database.search.page>) => {
      const found = await database.search.page(...wanted);
      await change();
      return found;
    },
  });
  const at = await serve({ ...database, search });
  const text = await (await fetch(at('/videos/export.jsonl'))).text();
  const ids = Array.from(text.matchAll(/"id":"([^"]+)"/g), ([, id]) => id);
  expect(ids).toHaveLength(1_200);
  expect(new Set(ids).size).toBe(1_200);
});

describe('a file of 100,000 videos', () => {
  test('is read as fast as the client takes it: few pages are in memory', async () => {
    let pagesRead = 0;
    const at = await serve(
      walking(async function* () {
        for (; pagesRead < 200; pagesRead += 1) {
          yield page(pagesRead);
          await nextTurn();
        }
      }),
    );
    let received = 0;
    await new Promise<void>((resolve, reject) => {
      request(at('/videos/export.jsonl'), (response) => {
        // The client stops reading: the buffers of both sides take some pages, and then nothing more is read.
        response.pause();
        let [before, same] = [0, 0];
        void eventually('the end of reading', () => {
          same = pagesRead === before ? same + 1 : 0;
          before = pagesRead;
          return same > 20;
        })
          .then(() => {
            expect(pagesRead).toBeLessThan(100);
            response.on('data', (chunk: Buffer) => {
              received += chunk.toString('latin1').split('\n').length - 1;
            });
            response.on('end', resolve);
            response.resume();
          })
          .catch(reject);
      })
        .on('error', reject)
        .end();
    });
    expect(received).toBe(100_000);
  });

  test('ends when the client leaves', async () => {
    let isOver = false;
    const at = await serve(
      walking(async function* () {
        try {
          for (let number = 0; ; number += 1) {
            yield page(number);
            await nextTurn();
          }
        } finally {
          isOver = true;
        }
      }),
    );
    const leaving = new AbortController();
    const response = await fetch(at('/videos/export.csv'), { signal: leaving.signal });
    await response.body?.getReader().read();
    leaving.abort();
    await eventually('the end of the export', () => isOver);
  });
});

test('a failure in the middle is seen by the client; one before the beginning is an ordinary error', async () => {
  let pages = 2;
  const at = await serve(
    walking(async function* () {
      for (let number = 0; number < pages; number += 1) {
        yield page(number);
        await nextTurn();
      }
      throw new Error('MongoDB is away.');
    }),
  );
  const response = await fetch(at('/videos/export.csv'));
  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toThrow();
  pages = 0;
  const refused = await fetch(at('/videos/export.csv'));
  expect(refused.status).toBe(500);
  expect(refused.headers.get('content-disposition')).toBeNull();
});
