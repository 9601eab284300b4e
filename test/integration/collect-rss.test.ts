import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RssUpstream } from '../../local/upstreams/rss.ts';
import type { RssFeed, RssItem } from '../../local/upstreams/rss-xml.ts';
import { startUpstreams, type RunningUpstreams } from '../../local/upstreams/upstream.ts';
import { rss } from '../../src/collectors/kinds/rss.ts';
import { collectOnce, type Collected } from '../support/collecting.ts';

const NOW = new Date('2026-11-21T11:00:00Z');
let upstream: RssUpstream;
let server: RunningUpstreams;

beforeEach(async () => {
  upstream = new RssUpstream();
  server = await startUpstreams([upstream]);
});
afterEach(() => server.close());

const item = (number: number, changes: Partial<RssItem> = {}): RssItem => ({
  guid: `https://news.example/${String(number)}`,
  title: `Été ${String(number)}`,
  link: `https://news.example/${String(number)}#xtor=RSS-3`,
  description: 'Un résumé',
  pubDate: 'Sat, 21 Nov 2026 10:00:00 +0100',
  ...changes,
});
const feed = (...items: RssItem[]): RssFeed => ({ title: 'News', link: 'https://news.example/', items });

interface Options {
  readonly feeds?: readonly string[];
  readonly settings?: object;
  readonly after?: Collected;
  readonly minutes?: number;
  readonly untilCheckpoint?: number;
}

function collect({ feeds = ['a'], settings = {}, after, minutes = 0, ...rest }: Options = {}) {
  return collectOnce({
    kind: rss,
    settings: {
      feeds: feeds.map((name) => ({ name, url: `${server.addressOf('rss')}/${name}.xml` })),
      ...settings,
    },
    access: {},
    state: after?.state,
    now: new Date(NOW.getTime() + minutes * 60_000),
    ...rest,
  });
}
const partsOf = ({ parts }: Collected) => parts.map(({ name, status }) => `${name} ${status}`);
const keysOf = ({ documents }: Collected) => documents.map(({ key }) => key);
const requests = (name = 'a') => upstream.requestsTo(`/${name}.xml`);

describe('reading', () => {
  test('turns a feed into documents with title, summary and link only', async () => {
    upstream.setFeed('a', feed(item(1, { body: 'The whole article' })));
    const { documents, parts, error } = await collect();
    expect(error).toBeUndefined();
    expect(documents).toEqual([
      {
        type: 'document',
        key: expect.stringMatching(/^[0-9a-f]{64}$/),
        identity: { url: 'https://news.example/1', title: 'Été 1', text: 'Un résumé' },
        url: 'https://news.example/1',
        title: 'Été 1',
        text: 'Un résumé',
        language: 'fr',
        publishedAt: new Date('2026-11-21T09:00:00Z'),
        payload: { feed: 'a' },
      },
    ]);
    expect(parts).toEqual([{ type: 'part', name: 'a', status: 'success', items: 1 }]);
  });

  test.each([
    ['gzip', { gzip: true }],
    ['latin-1 by its declaration', { encoding: 'latin1' as const }],
    ['latin-1 by Content-Type', { encoding: 'latin1' as const, contentType: 'text/xml; charset=ISO-8859-1' }],
  ])('%s', async (_name, delivery) => {
    upstream.setFeed('a', feed(item(1)), delivery);
    expect((await collect()).documents).toMatchObject([{ title: 'Été 1' }]);
  });

  test('keeps unusual items or rejects them with a reason', async () => {
    upstream.setFeed(
      'a',
      feed(
        { description: 'No title, no guid', pubDate: 'soon' },
        {},
        item(2, { guid: 'same' }),
        item(3, { guid: 'same' }),
      ),
    );
    const collected = await collect();
    expect(new Set(keysOf(collected)).size).toBe(3);
    expect(collected.documents[0]).not.toHaveProperty('publishedAt');
    expect(collected.rejected).toMatchObject([{ reason: 'no_content' }]);
    expect(collected.parts).toMatchObject([{ status: 'success', items: 4 }]);
  });

  test('an item that cannot be read is rejected with its reason, and the rest is kept', async () => {
    const deep = `<description>${'<div>'.repeat(4_000)}</description>`;
    upstream.setFeed(
      'a',
      `<rss><channel><item><title>Deep</title>${deep}</item><item><title>a</title><media:content url="x"></item><item><title>b</title></item></channel></rss>`,
    );
    const collected = await collect();
    expect(collected.documents.map(({ title }) => title)).toEqual(['a', 'b']);
    expect(collected.rejected).toEqual([
      { type: 'rejected', reason: 'too_deep', detail: 'a: item 1 (Deep)' },
    ]);
    expect(collected.parts).toEqual([{ type: 'part', name: 'a', status: 'success', items: 3 }]);
  });

  test('a feed that is cut off fails with the items that it has, and is fetched again', async () => {
    const whole = '<rss><channel><item><title>a</title></item><item><title>b</title></item></channel></rss>';
    upstream.setFeed('a', whole.slice(0, whole.indexOf('b</title>')));
    const first = await collect();
    expect(first.documents).toMatchObject([{ title: 'a' }]);
    expect(first.rejected).toMatchObject([{ reason: 'cut_off' }]);
    expect(first.parts).toMatchObject([
      {
        status: 'failed',
        items: 2,
        error: { errorClass: 'source_format' },
        note: expect.stringContaining('cut off'),
      },
    ]);
    upstream.setFeed('a', whole);
    const second = await collect({ after: first });
    expect(partsOf(second)).toEqual(['a success']);
    expect(second.documents).toHaveLength(2);
  });

  test('says how many characters are invalid and how many items were not closed', async () => {
    upstream.setFeed(
      'a',
      '<rss><channel><item><title>\uFFFD</title><!-- x</item><item><title>b</title></item></channel></rss>',
    );
    expect((await collect()).parts).toMatchObject([
      { status: 'success', note: '1 item without end, read as far as possible' },
    ]);
    upstream.failNext('a', {
      kind: 'body',
      body: Buffer.concat([
        Buffer.from('<rss><channel><item><title>Été '),
        Buffer.from([0xe9]),
        Buffer.from('</title></item></channel></rss>'),
      ]),
    });
    const collected = await collect();
    expect(collected.documents).toMatchObject([{ title: 'Été \uFFFD' }]);
    expect(collected.parts).toMatchObject([{ note: '1 invalid character shown as \uFFFD' }]);
  });

  test('a JSON Feed', async () => {
    upstream.setFeed(
      'a',
      JSON.stringify({
        version: 'https://jsonfeed.org/version/1.1',
        items: [{ id: '1', content_text: 'A note < a title', date_published: '2026-11-21T10:00:00Z' }],
      }),
      { contentType: 'application/feed+json' },
    );
    expect((await collect()).documents).toMatchObject([
      { text: 'A note < a title', publishedAt: new Date('2026-11-21T10:00:00Z') },
    ]);
  });

  test('says what came instead of a feed', async () => {
    upstream.setFeed('a', '<!DOCTYPE html><html><head><title>Before you continue</title></head></html>');
    expect((await collect()).parts).toMatchObject([
      {
        status: 'failed',
        note: 'This is not an RSS, Atom or JSON feed: it is an HTML page titled "Before you continue".',
      },
    ]);
  });

  test('a feed that is too large fails without the others', async () => {
    upstream.setFeed('a', feed(item(1, { description: 'x'.repeat(5_000) })));
    upstream.setFeed('b', feed(item(2)));
    const collected = await collect({ feeds: ['a', 'b'], settings: { maxFeedBytes: 2_000 } });
    expect(partsOf(collected)).toEqual(['a failed', 'b success']);
    expect(collected.parts[0]?.error).toMatchObject({ errorClass: 'too_large' });
  });
});

describe('polite requests', () => {
  test('an unchanged feed is answered with a 304', async () => {
    upstream.setFeed('a', feed(item(1)));
    const first = await collect();
    const second = await collect({ after: first });
    expect(requests().map(({ status }) => status)).toEqual([200, 304]);
    expect(second.documents).toEqual([]);
    expect(partsOf(second)).toEqual(['a unchanged']);
    upstream.setFeed('a', feed(item(1), item(2)));
    expect((await collect({ after: second })).documents).toHaveLength(2);
  });

  test('a feed is not requested before the time that it announced', async () => {
    upstream.setFeed('a', feed(item(1)), { cacheControl: 'max-age=7200' });
    upstream.setFeed('b', { ...feed(item(2)), ttlMinutes: 120 });
    const first = await collect({ feeds: ['a', 'b'] });
    const second = await collect({ feeds: ['a', 'b'], after: first, minutes: 60 });
    expect(partsOf(second)).toEqual(['a unchanged', 'b unchanged']);
    expect(upstream.requests).toHaveLength(2);
    await collect({ feeds: ['a', 'b'], after: second, minutes: 120 });
    expect(upstream.requests).toHaveLength(4);
  });

  test('a 429 delays one feed and no other', async () => {
    upstream.setFeed('a', feed(item(1)));
    upstream.setFeed('b', feed(item(2)));
    upstream.failNext('a', { kind: 'status', status: 429, retryAfter: '7200' });
    const first = await collect({ feeds: ['a', 'b'] });
    expect(partsOf(first)).toEqual(['a failed', 'b success']);
    expect(first.parts[0]?.error).toMatchObject({ errorClass: 'source_limited' });
    const second = await collect({ feeds: ['a', 'b'], after: first });
    expect(partsOf(second)).toEqual(['a skipped', 'b unchanged']);
    expect(requests()).toHaveLength(1);
    const hoursLater = Math.ceil((Date.now() - NOW.getTime()) / 60_000) + 121;
    expect(partsOf(await collect({ feeds: ['a', 'b'], after: second, minutes: hoursLater }))[0]).toBe(
      'a success',
    );
  });

  test('a missing feed and a server error fail without the others', async () => {
    upstream.setFeed('b', feed(item(2)));
    upstream.setFeed('c', feed(item(3)));
    upstream.failNext('b', { kind: 'status', status: 500 });
    const collected = await collect({ feeds: ['a', 'b', 'c'] });
    expect(partsOf(collected)).toEqual(['a failed', 'b failed', 'c success']);
    expect(collected.documents).toHaveLength(1);
    expect(collected.error).toBeUndefined();
  });

  test('a broken feed is skipped after three failures until it changes', async () => {
    upstream.setFeed('a', '<html>Maintenance</html>');
    let last = await collect();
    for (const minutes of [60, 120]) last = await collect({ after: last, minutes });
    expect(last.parts).toMatchObject([{ status: 'failed', error: { errorClass: 'source_format' } }]);
    const resting = await collect({ after: last, minutes: 180 });
    expect(resting.parts).toMatchObject([
      { status: 'skipped', note: expect.stringContaining('3 times in a row') },
    ]);
    expect(requests().map(({ status }) => status)).toEqual([200, 200, 200, 304]);
    upstream.setFeed('a', feed(item(1)));
    expect(partsOf(await collect({ after: resting, minutes: 240 }))).toEqual(['a success']);
  });

  test('a broken feed without validators is not requested for a day', async () => {
    upstream.setFeed('a', '<html>Maintenance</html>', { validators: false });
    let last = await collect();
    for (const minutes of [60, 120, 180]) last = await collect({ after: last, minutes });
    expect(partsOf(last)).toEqual(['a skipped']);
    expect(requests()).toHaveLength(3);
    await collect({ after: last, minutes: 120 + 24 * 60 });
    expect(requests()).toHaveLength(4);
  });
});

test('a run that continues after a crash does not request finished feeds again', async () => {
  upstream.setFeed('a', feed(item(1)));
  upstream.setFeed('b', feed(item(2)));
  const crashed = await collect({ feeds: ['a', 'b'], untilCheckpoint: 1 });
  const next = await collect({ feeds: ['a', 'b'], after: crashed });
  expect(partsOf(next)).toEqual(['a unchanged', 'b success']);
});

test('the keys of a private feed are sent to no other host and shown nowhere', async () => {
  const url = new URL(`${server.addressOf('rss')}/private.xml?token=hidden-one`);
  url.username = 'me';
  url.password = 'hidden-two';
  const collected = await collectOnce({
    kind: rss,
    settings: { feeds: [{ name: 'p', url: url.href }] },
    access: {},
    now: NOW,
  });
  expect(partsOf(collected)).toEqual(['p failed']);
  expect(requests('private')[0]?.headers.authorization).toMatch(/^Basic /);
  expect(JSON.stringify([collected.state, collected.parts[0]?.note])).not.toContain('hidden');
  expect(String(collected.parts[0]?.error)).not.toContain('hidden');
});

describe('episodes', () => {
  const audio = (token: string, type = 'audio/mpeg') => ({
    enclosure: { url: `https://cdn.example/1.mp3?token=${token}`, type },
    itunesDuration: '01:00',
  });

  test('are found once under any URL', async () => {
    const settings = { audioEnclosures: true };
    upstream.setFeed('a', feed(item(1, audio('x')), item(2, audio('y', 'image/jpeg'))));
    const first = await collect({ settings });
    upstream.setFeed('a', feed(item(1, { ...audio('z'), title: 'New title' })));
    const second = await collect({ settings, after: first });
    expect(first.media).toMatchObject([
      { url: 'https://cdn.example/1.mp3?token=x', title: 'Été 1', durationSeconds: 60 },
    ]);
    expect(second.media).toMatchObject([
      { videoId: first.media[0]?.videoId, url: 'https://cdn.example/1.mp3?token=z' },
    ]);
  });

  test('are left alone by default', async () => {
    upstream.setFeed('a', feed(item(1, audio('x'))));
    expect((await collect()).media).toEqual([]);
  });
});
