import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { load } from 'cheerio';
import { pino } from 'pino';
import Parser from 'rss-parser';
import { request } from 'undici';
import { hashPassword } from '../../src/dashboard/login/password-hash.ts';
import { writeUsersFile } from '../../src/dashboard/login/users-file.ts';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { newVideo } from '../../src/database/discovered-video.ts';
import { videoDocumentId } from '../../src/domain/video-key.ts';
import { coverObjectName } from '../../src/storage/object-names.ts';
import { uploadAudio } from '../../src/storage/upload-audio.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import {
  addressOf,
  keyOf,
  openReconcileEnvironment,
  type ReconcileEnvironment,
} from '../support/reconcile-environment.ts';
import { STAGED_MP3 } from '../support/sample-audio.ts';

const run = promisify(execFile);
const never = new AbortController().signal;
const OPERATOR = { user: 'ama', password: 'correct horse battery' };
const VIEWER = { user: 'kofi', password: 'only looks at things' };
const HOSTILE = `<script>alert(1)</script> ]]> & "' \u0007`;
const LIST = 'playlist.PLaaaaaaaaaaaaaaaa';
const OTHER = 'handle.été';
const ALL_PATH = '/feeds';

let environment: ReconcileEnvironment;
let dashboard: Dashboard;
let usersFile: string;
let mp3: Buffer;
const lines: string[] = [];
const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });

beforeAll(async () => {
  environment = await openReconcileEnvironment();
  const { directory, config } = environment;
  usersFile = path.join(directory, 'users.txt');
  await writeUsersFile(usersFile, [
    { name: VIEWER.user, role: 'viewer', hash: await hashPassword(VIEWER.password) },
  ]);
  dashboard = await startTestDashboard(environment, OPERATOR, { usersFile, logger });
  const [cover, file] = [path.join(directory, 'cover.jpg'), path.join(directory, 'song.mp3')];
  const ffmpeg = (...args: string[]) =>
    run(config.media.ffmpegPath, ['-nostdin', '-loglevel', 'error', '-f', 'lavfi', ...args]);
  await ffmpeg('-i', 'color=c=red:s=640x360', '-frames:v', '1', cover);
  await ffmpeg(
    ...['-i', 'sine=duration=2', '-i', cover, '-map', '0:a', '-map', '1:v', '-c:a', 'libmp3lame'],
    ...['-b:a', '320k', '-c:v', 'copy', '-disposition:v', 'attached_pic', file],
  );
  mp3 = await readFile(file);
  for (const number of [1, 2, 3]) await archive(number, file);
  await environment.archive(keyOf(4));
  await environment.discover(keyOf(5));
  await list(LIST, 'Songs', 1, 2, 3, 5);
  await list(OTHER, HOSTILE, 4);
});
afterAll(async () => {
  await dashboard.close();
  await environment.close();
});

/** Brings a video to `stored` with a real MP3, the later the number the newer. */
async function archive(number: number, file: string): Promise<void> {
  const { database, store } = environment;
  const key = keyOf(number);
  const title = number === 1 ? HOSTILE : `Song ${String(number)}`;
  const publishedAt = new Date(`2026-01-0${String(number)}T00:00:00Z`);
  const known = { key, url: addressOf(key), title, author: 'Ada', publishedAt };
  await database.videos.discover([known]);
  const upload = { ...STAGED_MP3, key, file, profile: 'mp3-320', sourceUrl: addressOf(key), title };
  const {
    bucket,
    key: name,
    sizeBytes,
    md5,
    sha256,
    etag,
  } = await uploadAudio(store, upload, { signal: never });
  const audio = { bucket, key: name, size: sizeBytes, md5, sha256, etag, format: 'mp3', duration: 2.1 };
  await database.videos.markDownloaded(key, 0, audio, {});
  await database.videos.markStored(key, 0, audio);
}

async function list(id: string, title: string, ...numbers: number[]): Promise<void> {
  const { playlists } = environment.database;
  const url = `https://www.youtube.com/playlist?list=${encodeURIComponent(id)}`;
  await playlists.register({ id, url }, new Date());
  await playlists.describe(id, { title });
  const items = numbers.map((number, index) => ({ key: keyOf(number), position: index + 1 }));
  await playlists.recordItems(id, items, new Date());
}

const basic = ({ user, password }: typeof OPERATOR) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});
const get = (address: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(new URL(address, dashboard.url), { method, headers, redirect: 'manual' });
const post = (
  address: string,
  fields: Record<string, string>,
  headers: Record<string, string> = basic(OPERATOR),
) =>
  fetch(new URL(address, dashboard.url), {
    ...{ method: 'POST', redirect: 'manual', headers, body: new URLSearchParams(fields) },
  });
const pathOf = (id: string) => `/playlists/${encodeURIComponent(id)}`;
const feedPath = (id: string) => `/feeds/${encodeURIComponent(id)}.xml`;

/** Makes a secret address as a person does, and reads it from the page. */
async function makeAddress(where: string, name = 'telephone'): Promise<string> {
  const page = await (await post(where, { action: 'make', name })).text();
  const address = load(page)('textarea[readonly]').text();
  if (address === '') throw new Error('The page shows no address.');
  return address;
}
const secretOf = (address: string) => new URL(address).pathname.split('/')[2] ?? '';
/** Without the `cache-control: no-cache` that fetch adds to conditional requests. */
const statusOf = async (address: string, headers: Record<string, string>) => {
  const { statusCode, body } = await request(address, { headers });
  await body.dump();
  return statusCode;
};
const parse = async (address: string) => await new Parser().parseURL(address);

describe('a secret address', () => {
  test('is shown once; only its hash is kept, and no log has it', async () => {
    const address = await makeAddress(`${pathOf(LIST)}/feed`);
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/f\/[\w-]{43}\/playlist\.PLaaaaaaaaaaaaaaaa\.xml$/);
    const secret = secretOf(address);
    const page = await (await get(pathOf(LIST), basic(OPERATOR))).text();
    expect(page).toContain('telephone');
    expect(page).not.toContain(secret);
    const { database } = environment;
    const collections = (await database.connection.db?.collections()) ?? [];
    for (const collection of collections)
      expect(JSON.stringify(await collection.find().toArray())).not.toContain(secret);

    // Whatever is done with it: right and wrong methods, origins, encodings.
    await get(address);
    await get(`/f/${secret}/%E0%A4%A`);
    await get(`/f/${secret}/audio/nothing.mp3`);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      expect((await get(address, { origin: 'https://evil.example' }, method)).status).toBe(405);
    expect(lines.join('')).not.toContain(secret);
  });

  test('a podcast player reads the feed and plays by ranges, without a login', async () => {
    const address = await makeAddress(`${pathOf(LIST)}/feed`);
    const feed = await parse(address);
    expect(feed).toMatchObject({ title: 'Songs', feedUrl: address, itunes: { author: 'Ada' } });
    expect(feed.items.map(({ guid }) => guid)).toEqual(
      [3, 2, 1].map((number) => videoDocumentId(keyOf(number))),
    );
    expect(feed.items[2]?.title).toBe(HOSTILE.replaceAll('\u0007', '').trim());
    for (const item of feed.items) {
      expect(item).toMatchObject({
        enclosure: { type: 'audio/mpeg', length: String(mp3.length) },
        itunes: { duration: '2' },
      });
      const url = item.enclosure?.url ?? '';
      expect(url).toMatch(/\/f\/[\w-]{43}\/audio\/youtube\.[\w-]+\.mp3$/);
      const head = await get(url, {}, 'HEAD');
      expect(Object.fromEntries(head.headers)).toMatchObject({
        'accept-ranges': 'bytes',
        'content-length': String(mp3.length),
        'content-type': 'audio/mpeg',
        'referrer-policy': 'no-referrer',
      });
      const parts: Buffer[] = [];
      const size = 10_000;
      for (let first = 0; first < mp3.length; first += size) {
        const range = `bytes=${String(first)}-${String(first + size - 1)}`;
        const part = await get(url, { range, 'if-range': head.headers.get('etag') ?? '' });
        expect(part.status).toBe(206);
        parts.push(Buffer.from(await part.arrayBuffer()));
      }
      expect(Buffer.concat(parts).equals(mp3)).toBe(true);
      expect((await get(url, { range: `bytes=${String(mp3.length)}-` })).status).toBe(416);
    }
  });

  test('an unchanged feed is not sent again; a changed one is', async () => {
    const address = await makeAddress(`${pathOf(LIST)}/feed`);
    const first = await get(address);
    expect(first.headers.get('content-type')).toBe('application/rss+xml; charset=utf-8');
    const [etag, modified] = [first.headers.get('etag') ?? '', first.headers.get('last-modified') ?? ''];
    expect([etag, modified].every((value) => value !== '')).toBe(true);
    expect(await statusOf(address, { 'if-none-match': etag })).toBe(304);
    expect(await statusOf(address, { 'if-modified-since': modified })).toBe(304);
    expect((await get(address, {}, 'HEAD')).headers.get('etag')).toBe(etag);
    await environment.database.playlists.describe(LIST, { title: 'Songs again' });
    expect(await statusOf(address, { 'if-none-match': etag })).toBe(200);
    await environment.database.playlists.describe(LIST, { title: 'Songs' });
  });

  test('gives access to its own feed alone', async () => {
    const secret = secretOf(await makeAddress(`${pathOf(LIST)}/feed`));
    const own = videoDocumentId(keyOf(1));
    const other = videoDocumentId(keyOf(4));
    expect((await get(`/f/${secret}/audio/${own}.mp3`)).status).toBe(200);
    for (const wrong of [
      `audio/${other}.mp3`,
      `audio/${own}.m4a`,
      `audio/${videoDocumentId(keyOf(5))}.mp3`,
      'audio/..%2F..%2Fsnapshots.mp3',
      `${encodeURIComponent(OTHER)}.xml`,
      `cover/${encodeURIComponent(OTHER)}.jpg`,
      'feeds.opml',
      `${LIST}.xml?archive=1`,
      `${LIST}.xml?archive=x`,
      LIST,
      '',
    ])
      expect([wrong, (await get(`/f/${secret}/${wrong}`)).status]).toEqual([wrong, 404]);
  });

  test('one for all feeds lists them as OPML', async () => {
    const address = await makeAddress(ALL_PATH);
    expect(address).toMatch(/\/f\/[\w-]{43}\/feeds\.opml$/);
    const response = await get(address);
    expect(response.headers.get('content-type')).toBe('text/x-opml; charset=utf-8');
    const $ = load(await response.text(), { xml: true });
    expect($('opml').attr('version')).toBe('2.0');
    const feeds = $('outline')
      .toArray()
      .map((element) => ({ title: $(element).attr('text'), url: $(element).attr('xmlUrl') ?? '' }));
    expect(feeds.map(({ title }) => title)).toEqual(
      expect.arrayContaining(['Songs', HOSTILE.replaceAll('\u0007', '').trim()]),
    );
    for (const { url } of feeds) expect(await parse(url)).toMatchObject({ items: expect.any(Array) });
  });

  test('ends when it is revoked, also for what it led to', async () => {
    const address = await makeAddress(`${pathOf(LIST)}/feed`, HOSTILE);
    const url = (await parse(address)).items[0]?.enclosure?.url ?? '';
    expect((await get(url)).status).toBe(200);
    const $ = load(await (await get(pathOf(LIST), basic(OPERATOR))).text());
    expect($('#feed script')).toHaveLength(0);
    const id = $('#feed tbody tr').first().find('input[name="id"]').attr('value') ?? '';
    // Of another feed there is no such address.
    const foreign = await post(`${pathOf(OTHER)}/feed`, { action: 'revoke', id });
    expect(foreign.headers.get('location')).toContain('address_gone');
    expect((await get(url)).status).toBe(200);
    const revoked = await post(`${pathOf(LIST)}/feed`, { action: 'revoke', id });
    expect(revoked.headers.get('location')).toContain('address_revoked');
    expect([(await get(address)).status, (await get(url)).status]).toEqual([404, 404]);
    const audit = await environment.database.audit.ofTarget(LIST, 2);
    expect(audit.map(({ operation, user }) => [operation, user])).toEqual([
      ['feeds.revoke address', OPERATOR.user],
      ['feeds.make address', OPERATOR.user],
    ]);
  });

  test('wrong ones are slowed down, right ones of the same network are not', async () => {
    const address = await makeAddress(`${pathOf(LIST)}/feed`);
    const statuses: number[] = [];
    for (let index = 0; index < 8; index += 1) {
      const wrong = await get(`/f/${'x'.repeat(42)}${String(index)}/${LIST}.xml`);
      statuses.push(wrong.status);
      if (wrong.status === 429) expect(Number(wrong.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(statuses).toContain(429);
    expect((await get(address)).status).toBe(200);
  });

  test.each([{ name: '' }, { name: 'x'.repeat(101) }, {}])('needs a name: %j', async (fields) => {
    const response = await post(ALL_PATH, { action: 'make', ...fields });
    expect(await response.text()).toContain('Say for whom');
  });
});

test('with a login: viewers and operators read feeds; only operators make addresses', async () => {
  for (const user of [OPERATOR, VIEWER]) {
    const feed = await get(feedPath(LIST), basic(user));
    expect(feed.status).toBe(200);
    const url = load(await feed.text(), { xml: true })('enclosure').attr('url') ?? '';
    expect(new URL(url).pathname).toMatch(/^\/feeds\/audio\//);
    expect((await get(url, basic(user))).status).toBe(200);
    expect((await get(url)).status).toBe(401);
    expect((await get('/feeds.opml', basic(user))).status).toBe(200);
    expect((await get(ALL_PATH, basic(user))).status).toBe(200);
  }
  for (const where of [ALL_PATH, `${pathOf(LIST)}/feed`]) {
    const fields = { action: 'make', name: 'x' };
    expect((await post(where, fields, basic(VIEWER))).status).toBe(403);
    expect((await post(where, fields, {})).status).toBe(401);
    expect((await post(where, fields, { ...basic(OPERATOR), origin: 'https://evil.example' })).status).toBe(
      403,
    );
    expect(
      await (await get(where.replace('/feed', where === ALL_PATH ? '/feed' : ''), basic(VIEWER))).text(),
    ).not.toContain('value="make"');
  }
  expect((await get(feedPath('playlist.unknown0000'), basic(OPERATOR))).status).toBe(404);
  expect((await get(feedPath(LIST))).status).toBe(401);
});

describe('the addresses in feeds', () => {
  const enclosureOf = async (of: Dashboard, headers: Record<string, string> = {}) => {
    const response = await fetch(new URL(feedPath(LIST), of.url), {
      headers: { ...basic(OPERATOR), ...headers },
    });
    return load(await response.text(), { xml: true })('enclosure').attr('url') ?? '';
  };
  const forwarded = { 'x-forwarded-host': 'archive.example', 'x-forwarded-proto': 'https' };

  test('are those of PUBLIC_URL', async () => {
    const proxied = await startTestDashboard(environment, OPERATOR, {
      publicUrl: 'https://archive.example/audio',
    });
    expect(await enclosureOf(proxied)).toMatch(/^https:\/\/archive\.example\/audio\/feeds\/audio\//);
    await proxied.close();
  });

  test('come from a trusted proxy, and from no one else', async () => {
    expect(await enclosureOf(dashboard, forwarded)).toMatch(/^http:\/\/127\.0\.0\.1:/);
    const proxied = await startTestDashboard(environment, OPERATOR, { trustedProxies: ['loopback'] });
    expect(await enclosureOf(proxied, forwarded)).toMatch(/^https:\/\/archive\.example\/feeds\//);
    await proxied.close();
  });
});

describe('covers', () => {
  test('are made square from the audio, once, and kept in the bucket', async () => {
    const path = `/feeds/cover/${LIST}.jpg`;
    const [first, second] = await Promise.all([get(path, basic(OPERATOR)), get(path, basic(OPERATOR))]);
    expect([first.status, first.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    const jpeg = Buffer.from(await first.arrayBuffer());
    expect(jpeg.equals(Buffer.from(await second.arrayBuffer()))).toBe(true);
    expect(jpegSize(jpeg)).toEqual([1_400, 1_400]);
    const object = await environment.store.stat(coverObjectName(LIST), never);
    expect(object).toMatchObject({ sizeBytes: jpeg.length, contentType: 'image/jpeg' });
  });

  test('of a playlist without pictures is that of the program', async () => {
    const response = await get(`/feeds/cover/${encodeURIComponent(OTHER)}.jpg`, basic(OPERATOR));
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/png']);
  });
});

test('a long feed is read to its end part by part, the newest first', async () => {
  const { database } = environment;
  const id = 'channel.UCaaaaaaaaaaaaaaaaaaaaaa';
  const total = 5_003;
  const now = new Date();
  const videos = Array.from({ length: total }, (_, index) => {
    const key = { provider: 'youtube', videoId: `l${String(index).padStart(10, '0')}` } as const;
    const publishedAt = new Date(Date.UTC(2020, 0, 1) + index * 60_000);
    const video = newVideo({ key, url: addressOf(key), title: `Part ${String(index)}`, publishedAt }, now);
    const audio = { key: `audio/youtube/${key.videoId}.mp3`, size: 1_000, format: 'mp3', duration: 10 };
    return { ...video, status: 'stored', audio };
  });
  await database.playlists.register(
    { id, url: 'https://www.youtube.com/channel/UCaaaaaaaaaaaaaaaaaaaaaa' },
    now,
  );
  await database.connection.collection<{ _id: string }>('videos').insertMany(videos);
  await database.connection.collection<{ _id: string }>('playlist_items').insertMany(
    videos.map(({ _id: videoId }, index) => ({
      ...{ _id: `${id}/${videoId}`, playlist_id: id, video_id: videoId, position: index },
      ...{ first_seen_at: now, last_seen_at: now },
    })),
  );
  const guids = new Set<string>();
  let address: string | undefined = new URL(feedPath(id), dashboard.url).href;
  let parts = 0;
  while (address !== undefined) {
    const $ = load(await (await get(address, basic(OPERATOR))).text(), { xml: true });
    parts += 1;
    const titles = $('item > title')
      .toArray()
      .map((element) => $(element).text());
    if (parts === 1) expect([titles.length, titles[0]]).toEqual([5_000, 'Part 5002']);
    for (const element of $('item > guid').toArray()) guids.add($(element).text());
    address = $('channel > atom\\:link[rel="prev-archive"]').attr('href');
  }
  expect([parts, guids.size]).toEqual([2, total]);
});

/** Height and width in the frame header of a JPEG (ITU-T T.81, section B.2.2). */
function jpegSize(jpeg: Buffer): [number, number] {
  for (let at = 2; at < jpeg.length;) {
    const marker = jpeg.readUInt16BE(at);
    if (marker >= 0xffc0 && marker <= 0xffc2) return [jpeg.readUInt16BE(at + 5), jpeg.readUInt16BE(at + 7)];
    at += 2 + jpeg.readUInt16BE(at + 2);
  }
  throw new Error('This JPEG has no frame.');
}
