import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { VideoDocument } from '../../src/database/collections/video.ts';
import { DIRECTIONS, segmentsOf, VIDEO_SORTS } from '../../src/database/video-order.ts';
import { queryOf, type VideoFilter } from '../../src/database/video-search.ts';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { listVideos, videoPageSchema } from '../../src/operations/list-videos.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import { explainsPlans } from '../support/query-plans.ts';
import { keyOf } from '../support/reconcile-environment.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { insertVideos, videoRecord } from '../support/video-records.ts';

const HOSTILE = `<script>alert("x")</script>\u202e "' onload=`;
const PLAYLIST = 'playlist.PLhostile0000000000000';
const failure = { message: HOSTILE, advice: '', at: new Date(), stage: 'download' } as const;
const STORED = { format: 'mp3', size: 1_000, key: 'audio/youtube/x.mp3', duration: 61 } as const;

const VIDEOS: readonly VideoDocument[] = [
  videoRecord(1, { title: HOSTILE, author: HOSTILE, channel_id: HOSTILE }),
  videoRecord(2, { status: 'failed', title: 'Rain', error: { ...failure, class: 'private' } }),
  videoRecord(3, { status: 'failed', title: 'rainbow', error: { ...failure, class: 'network' } }),
  videoRecord(4, {
    status: 'stored',
    title: 'Été',
    audio: { ...STORED, language: 'fr' },
    channel_id: 'UCwind',
  }),
  videoRecord(5, { status: 'skipped', skip_reason: 'too_short', title: 'Wind', channel_id: 'UCwind' }),
];

let environment: TestEnvironment;
let dashboard: Dashboard;

beforeAll(async () => {
  environment = await openTestEnvironment();
  dashboard = await startTestDashboard(environment);
});
afterAll(async () => {
  await dashboard.close();
  await environment.close();
});

const page = async (path: string, language = 'en') =>
  await (await fetch(new URL(path, dashboard.url), { headers: { 'accept-language': language } })).text();
const idsOn = (text: string) =>
  Array.from(text.matchAll(/<tr id="row-youtube\.v(\d+)"/g), ([, id]) => Number(id));

test('an empty archive says where videos come from', async () => {
  const text = await page('/videos');
  expect(text).toContain('There are no videos yet.');
  expect(text).toContain('href="/playlists"');
  expect(text).not.toContain('export.csv');
});

async function insertItems(playlistId: string, numbers: readonly number[]): Promise<void> {
  const seen = { first_seen_at: new Date(), last_seen_at: new Date() };
  const items = numbers.map((number, position) => {
    const video_id = videoRecord(number)._id;
    return { _id: `${playlistId}/${video_id}`, playlist_id: playlistId, video_id, position, ...seen };
  });
  await environment.database.connection.model('PlaylistItem').insertMany(items);
}

describe('the list', () => {
  beforeAll(async () => {
    await insertVideos(environment.database, VIDEOS);
    const { connection } = environment.database;
    await connection
      .model('Playlist')
      .create({ _id: PLAYLIST, url: 'https://x.example', title: HOSTILE, enabled: true });
    await insertItems(PLAYLIST, [4, 2]);
  });

  test('shows all, the latest change first, with what comes from outside as text', async () => {
    const text = await page('/videos');
    expect(idsOn(text)).toEqual([5, 4, 3, 2, 1]);
    expect(text).toContain('5 videos');
    expect(text).not.toContain('<script>alert');
    expect(text).not.toContain('\u202e');
    expect(text).toContain('&lt;script&gt;alert');
    expect(text).not.toMatch(/" onload=/);
  });

  test.each([
    ['status=failed', [3, 2]],
    ['text=rAIn', [3, 2]],
    ['text=rain&class=private', [2]],
    ['class=private', [2]],
    ['channel=UCwind', [5, 4]],
    ['language=fr', [4]],
    [`playlist=${PLAYLIST}`, [4, 2]],
    [`playlist=${PLAYLIST}&status=failed`, [2]],
    ['channel=UCwind&status=stored&language=fr', [4]],
    ['status=failed&text=wind', []],
    [`text=${keyOf(4).videoId}`, [4]],
    [`text=youtube.${keyOf(4).videoId}`, [4]],
    [`text=${encodeURIComponent(`https://youtu.be/${keyOf(4).videoId}`)}`, [4]],
    ['sort=title', [1, 2, 5, 3, 4]],
    ['sort=title&order=desc', [4, 3, 5, 2, 1]],
    ['sort=size', [4, 5, 3, 2, 1]],
    ['order=asc', [1, 2, 3, 4, 5]],
    // What is wrong or given twice restricts nothing.
    ['status=x&status=y&class=constructor&text=&sort=__proto__&after=x&before=y', [5, 4, 3, 2, 1]],
  ])('with %s', async (query, ids) => {
    expect(idsOn(await page(`/videos?${query}`))).toEqual(ids);
  });

  test('says which filters hold, with a link that takes each away', async () => {
    const text = await page('/videos?status=failed&text=rain&sort=title');
    expect(text).toMatch(
      /href="\/videos\?text=rain&amp;sort=title"\s+aria-label="Remove the filter Status: failed"/,
    );
    expect(text).toContain('href="/videos?status=failed&amp;sort=title"');
    expect(text).toContain('Clear all filters');
    expect(await page('/videos?sort=title')).not.toContain('class="chips"');
  });

  test('that is empty says what to do', async () => {
    const text = await page('/videos?text=nowhere');
    expect(text).toContain('No video matches these filters.');
    expect(text).toContain('Clear all filters');
    expect(text).not.toContain('<table>');
  });

  test('is in the language of its reader', async () => {
    const text = await page('/videos?status=failed', 'fr');
    expect(text).toContain('2 vidéos');
    expect(text).toContain('en échec');
    expect(text).toContain('Retirer tous les filtres');
  });

  test('has its address for the browser, cursor included', async () => {
    expect(await page('/videos?status=failed&text=')).toContain('data-address="/videos?status=failed"');
  });
});

describe('the pages of a list', () => {
  const NUMBERS = Array.from({ length: 250 }, (_value, index) => 1_000 + index);

  beforeAll(async () => {
    const videos = NUMBERS.map((number) =>
      videoRecord(number, {
        title: number % 3 === 0 ? null : `Paged ${String(number % 7)}`,
        updated_at: new Date(Date.UTC(2025, 0, 1 + (number % 4))),
        channel_id: 'UCpaged',
        ...(number % 5 === 0 ? {} : { published_at: new Date(Date.UTC(2020, number % 3)) }),
        ...(number % 2 === 0 ? { duration: number % 6 } : {}),
        ...(number % 4 === 0 ? { status: 'stored', audio: { ...STORED, size: number % 8 } } : {}),
      }),
    );
    await insertVideos(environment.database, videos);
    await insertItems('playlist.PLpaged', NUMBERS);
  });

  test.each(
    VIDEO_SORTS.flatMap((sort) => [
      [sort, { channel: 'UCpaged' }] as const,
      [sort, { playlist: 'playlist.PLpaged' }] as const,
    ]),
  )(
    'sorted by %s of %j show each video once, in both directions, and the same backwards',
    async (sort, filter) => {
      for (const order of DIRECTIONS) {
        const query = videoPageSchema.parse({ ...filter, sort, order, limit: '60' });
        const seen: string[][] = [];
        let cursor: { after?: string } = {};
        let previous: string | null = null;
        for (;;) {
          const list = await listVideos({ ...query, ...cursor }, environment.database);
          seen.push(list.videos.map(({ id }) => id));
          previous = list.previous;
          if (list.next === null) break;
          cursor = { after: list.next };
        }
        expect(seen.map(({ length }) => length)).toEqual([60, 60, 60, 60, 10]);
        expect(new Set(seen.flat()).size).toBe(NUMBERS.length);
        const back: string[][] = [];
        while (previous !== null) {
          const list = await listVideos({ ...query, before: previous }, environment.database);
          back.unshift(list.videos.map(({ id }) => id));
          previous = list.previous;
        }
        expect(back).toEqual(seen.slice(0, -1));
      }
    },
  );

  test.each(VIDEO_SORTS)(
    'sorted by %s are the same for a playlist, which is put in order here',
    async (sort) => {
      for (const order of DIRECTIONS) {
        const of = async (filter: object) => {
          const query = videoPageSchema.parse({ ...filter, sort, order, limit: '100' });
          const { videos } = await listVideos(query, environment.database);
          return videos.map(({ id }) => id);
        };
        expect(await of({ playlist: 'playlist.PLpaged' })).toEqual(await of({ channel: 'UCpaged' }));
      }
    },
  );

  test('of a playlist count its videos exactly', async () => {
    expect(await page('/videos?playlist=playlist.PLpaged')).toContain('250 videos');
  });

  test('have links to the next and the previous one', async () => {
    const first = await page('/videos?channel=UCpaged');
    expect(first).toContain('250 videos');
    expect(first).not.toContain('rel="prev"');
    const hrefOf = (text: string, rel: string) =>
      new RegExp(`rel="${rel}"\\s+href="([^"]+)"`).exec(text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const second = await page(hrefOf(first, 'next'));
    expect(second).toContain('250 videos');
    expect(idsOn(await page(hrefOf(second, 'prev')))).toEqual(idsOn(first));
    const third = await page(hrefOf(second, 'next'));
    expect(idsOn(third)).toHaveLength(50);
    expect(third).not.toContain('rel="next"');
    expect(new Set([first, second, third].flatMap(idsOn)).size).toBe(250);
  });

  test('are stable: a video that changes meanwhile moves no other one', async () => {
    const query = videoPageSchema.parse({ channel: 'UCpaged', sort: 'title', limit: 100 });
    const first = await listVideos(query, environment.database);
    await insertVideos(environment.database, [
      videoRecord(2_000, { title: 'Paged', channel_id: 'UCpaged' }),
      videoRecord(2_001, { title: 'AAA', channel_id: 'UCpaged' }),
    ]);
    const second = await listVideos({ ...query, after: first.next ?? '' }, environment.database);
    const both = [...first.videos, ...second.videos].map(({ id }) => id);
    expect(new Set(both).size).toBe(200);
    expect(both).not.toContain(videoRecord(2_001)._id);
  });
});

test('more than 10,000 are not counted for a free filter, and exactly for a status', async () => {
  const many = Array.from({ length: 10_050 }, (_value, index) =>
    videoRecord(100_000 + index, { status: 'mirrored', title: 'Many' }),
  );
  await insertVideos(environment.database, many);
  expect(await page('/videos?text=many')).toContain('10,000+ videos');
  expect(await page('/videos?status=mirrored')).toContain('10,050 videos');
  expect(await page('/videos?status=mirrored', 'fr')).toContain('10\u202f050 vidéos');
});

const hasPlans = await explainsPlans();

describe('on a server that explains its plans', () => {
  const FILTERS: readonly VideoFilter[] = [
    {},
    { status: 'failed' },
    { errorClass: 'private' },
    { language: 'fr' },
    { channelId: 'UC1' },
    { title: 'rain' },
    { status: 'failed', title: 'rain', language: 'fr' },
  ];
  const on = hasPlans ? test : test.skip;

  on.each(VIDEO_SORTS)(
    'lists sorted by %s read an index (mongo-java-server has no explain)',
    async (sort) => {
      const model = environment.database.connection.model<VideoDocument>('Video');
      for (const filter of FILTERS) {
        for (const direction of DIRECTIONS) {
          for (const segment of segmentsOf({ order: { sort, direction }, from: { value: null, id: 'x' } })) {
            const plan: unknown = await model
              .find({ $and: [queryOf(filter), segment.filter] })
              .sort({ ...segment.sort })
              .explain('queryPlanner');
            expect(JSON.stringify(plan)).toContain('IXSCAN');
            expect(JSON.stringify(plan)).not.toContain('COLLSCAN');
          }
        }
      }
    },
  );
});
