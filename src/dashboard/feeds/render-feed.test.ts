import { describe, expect, test } from '@jest/globals';
import { load } from 'cheerio';
import Parser from 'rss-parser';
import { podcastGuid, renderFeed, type Feed, type FeedItem } from './render-feed.ts';

const HOSTILE = `</title><script>alert("1")</script>]]>&amp; ' \u0000\u0008\uFFFE \uD800 \u202Egnp.exe {{7*7}}`;
const READ_BACK = `</title><script>alert("1")</script>]]>&amp; '  \uFFFD \u202Egnp.exe {{7*7}}`;

const item = (changes: Partial<FeedItem> = {}): FeedItem => ({
  id: 'youtube.aaaaaaaaaaa',
  title: 'Title',
  author: 'Author',
  description: 'Source: https://www.youtube.com/watch?v=aaaaaaaaaaa&t=1',
  link: 'https://www.youtube.com/watch?v=aaaaaaaaaaa&t=1',
  publishedAt: new Date('2026-01-31T07:00:00Z'),
  durationSeconds: 61.6,
  audio: {
    url: 'https://a.example/f/x/audio/youtube.aaaaaaaaaaa.mp3',
    sizeBytes: 1_234_567,
    type: 'audio/mpeg',
  },
  ...changes,
});
const feed = (changes: Partial<Feed> = {}): Feed => ({
  title: 'Fon lessons',
  description: 'Lessons',
  link: 'https://www.youtube.com/playlist?list=PLx',
  language: 'fr',
  author: 'Author',
  coverUrl: 'https://a.example/cover.jpg',
  changedAt: new Date('2026-02-01T00:00:00Z'),
  isPrivate: false,
  part: { start: 0, end: 1, archive: undefined, archives: 0 },
  addressOf: (archive) =>
    `https://a.example/feed.xml${archive === undefined ? '' : `?archive=${String(archive)}`}`,
  items: [item()],
  ...changes,
});
const linksOf = (xml: string) => {
  const $ = load(xml, { xml: true });
  return $('channel > atom\\:link')
    .toArray()
    .map((element) => [$(element).attr('rel'), $(element).attr('href')?.split('feed.xml')[1]]);
};

describe('a feed', () => {
  test('is read by a parser of podcasts', async () => {
    const parsed = await new Parser().parseString(renderFeed(feed()));
    expect(parsed).toMatchObject({
      title: 'Fon lessons',
      language: 'fr',
      itunes: { image: 'https://a.example/cover.jpg', author: 'Author' },
      items: [
        {
          title: 'Title',
          guid: 'youtube.aaaaaaaaaaa',
          isoDate: '2026-01-31T07:00:00.000Z',
          link: 'https://www.youtube.com/watch?v=aaaaaaaaaaa&t=1',
          enclosure: { type: 'audio/mpeg', length: '1234567' },
          itunes: { duration: '62' },
        },
      ],
    });
  });

  test('hostile text everywhere stays text', async () => {
    const hostile = item({
      title: HOSTILE,
      author: HOSTILE,
      description: HOSTILE,
      id: HOSTILE,
      link: HOSTILE,
    });
    const xml = renderFeed(feed({ title: HOSTILE, description: HOSTILE, author: HOSTILE, items: [hostile] }));
    const $ = load(xml, { xml: true });
    expect($('script')).toHaveLength(0);
    expect($('item > title').text()).toBe(READ_BACK);
    expect($('channel > title').text()).toBe(READ_BACK);
    expect($('item > guid').text()).toBe(READ_BACK);
    expect(xml).not.toMatch(/[\u0000-\u0008\uFFFE\uFFFF]/);
    await expect(new Parser().parseString(xml)).resolves.toMatchObject({
      items: [{ title: READ_BACK.trim() }],
    });
  });

  test('leaves out what is not known', () => {
    const unknown = item({ author: undefined, link: undefined, durationSeconds: undefined });
    const $ = load(renderFeed(feed({ author: undefined, changedAt: undefined, items: [unknown] })), {
      xml: true,
    });
    for (const name of ['item > link', 'item > itunes\\:duration', 'item > itunes\\:author', 'lastBuildDate'])
      expect($(name)).toHaveLength(0);
    expect($('channel > itunes\\:author').text()).toBe('Fon lessons');
  });

  test('a private one asks directories not to list it', () => {
    const $ = load(renderFeed(feed({ isPrivate: true })), { xml: true });
    expect($('itunes\\:block').text()).toBe('Yes');
    expect($('podcast\\:block').text()).toBe('yes');
    expect(renderFeed(feed())).not.toContain('block');
  });

  test.each<[Feed['part'], (readonly [string, string])[]]>([
    [{ start: 0, end: 1, archive: undefined, archives: 0 }, [['self', '']]],
    [
      { start: 0, end: 10, archive: undefined, archives: 2 },
      [
        ['self', ''],
        ['first', ''],
        ['last', '?archive=1'],
        ['next', '?archive=2'],
        ['prev-archive', '?archive=2'],
      ],
    ],
    [
      { start: 5, end: 15, archive: 2, archives: 2 },
      [
        ['self', '?archive=2'],
        ['first', ''],
        ['last', '?archive=1'],
        ['current', ''],
        ['previous', ''],
        ['next', '?archive=1'],
        ['prev-archive', '?archive=1'],
      ],
    ],
    [
      { start: 15, end: 25, archive: 1, archives: 2 },
      [
        ['self', '?archive=1'],
        ['first', ''],
        ['last', '?archive=1'],
        ['current', ''],
        ['previous', '?archive=2'],
        ['next-archive', '?archive=2'],
      ],
    ],
  ])('names its other parts: %j', (part, links) => {
    const xml = renderFeed(feed({ part }));
    expect(linksOf(xml)).toEqual(links);
    expect(xml.includes('<fh:archive/>')).toBe(part.archive !== undefined);
  });

  test('its identity is that of the address at the source', () => {
    // The example of the specification of podcast:guid.
    expect(podcastGuid('https://mp3s.nashownotes.com/pc20rss.xml')).toBe(
      '917393e3-1b1e-5cef-ace4-edaa54e1f810',
    );
    expect(podcastGuid('http://mp3s.nashownotes.com/pc20rss.xml/')).toBe(
      '917393e3-1b1e-5cef-ace4-edaa54e1f810',
    );
  });
});
