import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { TransientError } from '../../../domain/job-errors.ts';
import { readFeed } from './read-feed.ts';

const OPTIONS = { url: 'https://site.example/feeds/main.xml', maxItems: 100, maxBytes: 1_000_000 };
const read = (text: string | Uint8Array, options: Partial<Parameters<typeof readFeed>[1]> = {}) =>
  readFeed(typeof text === 'string' ? Buffer.from(text) : text, { ...OPTIONS, ...options });
const rss = (items: string, channel = '<title>News</title><link>https://site.example/</link>') =>
  `<?xml version="1.0"?><rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>${channel}${items}</channel></rss>`;

describe('readFeed', () => {
  test('reads RSS and resolves links', () => {
    const feed = read(
      rss(
        '<item><title>A &amp; B</title><link>/a</link><guid isPermaLink="false">7</guid><dc:creator>Ann</dc:creator><pubDate>Sat, 21 Nov 2026 10:00:00 GMT</pubDate><description>Words</description></item>',
        '<title>News</title><link>https://site.example/</link><language>fr_FR</language><ttl>90</ttl>',
      ),
    );
    expect(feed).toMatchObject({ title: 'News', language: 'fr-FR', ttlMinutes: 90, leftOut: 0 });
    expect(feed.items).toEqual([
      {
        guid: '7',
        title: 'A & B',
        link: 'https://site.example/a',
        summary: 'Words',
        content: undefined,
        author: 'Ann',
        audioUrl: undefined,
        durationSeconds: undefined,
        dateTexts: ['Sat, 21 Nov 2026 10:00:00 GMT'],
      },
    ]);
  });

  test('reads Atom', () => {
    const feed = read(
      '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>N</title><entry><id>urn:x:1</id><title>T</title><link rel="self" href="https://site.example/self"/><link rel="alternate" href="https://site.example/1"/><link rel="enclosure" type="audio/ogg" href="https://cdn.example/1.ogg"/><summary>S</summary><content>All of it</content><updated>2026-11-20T10:00:00Z</updated></entry></feed>',
    );
    expect(feed).toMatchObject({ title: 'N', language: 'en' });
    expect(feed.items).toMatchObject([
      {
        guid: 'urn:x:1',
        link: 'https://site.example/1',
        summary: 'S',
        content: 'All of it',
        audioUrl: 'https://cdn.example/1.ogg',
        dateTexts: ['2026-11-20T10:00:00Z'],
      },
    ]);
  });

  test('reads RSS 1.0, whose items stand beside the channel', () => {
    const feed = read(
      '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:d="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>N</title><items/></channel><item rdf:about="y"><title>T</title><link>https://site.example/1</link><d:date>2026-11-20</d:date></item></rdf:RDF>',
    );
    expect(feed).toMatchObject({
      title: 'N',
      isCutOff: false,
      items: [{ title: 'T', link: 'https://site.example/1', dateTexts: ['2026-11-20'] }],
    });
  });

  test('selects audio enclosures and ignores pictures', () => {
    const enclosure = (type: string, url: string) =>
      `<item><title>t</title><enclosure ${type} url="${url}" length="0"/></item>`;
    const { items } = read(
      rss(
        enclosure('type="image/jpeg"', 'https://cdn.example/a.jpg') +
          enclosure('type="audio/mpeg"', 'https://cdn.example/b.mp3?token=1') +
          enclosure('', 'https://cdn.example/c.mp3?token=2') +
          enclosure('', 'https://cdn.example/d.pdf') +
          enclosure('type="audio/mpeg"', 'javascript:alert(1)') +
          enclosure('type="application/octet-stream"', 'https://cdn.example/e.MP3'),
      ),
    );
    expect(items.map(({ audioUrl }) => audioUrl)).toEqual([
      undefined,
      'https://cdn.example/b.mp3?token=1',
      'https://cdn.example/c.mp3?token=2',
      undefined,
      undefined,
      'https://cdn.example/e.MP3',
    ]);
  });

  test.each([
    ['mail@site.example (Ann)', 'Ann'],
    ['Ann &lt;mail@site.example&gt;', 'Ann'],
    ['mail@site.example', undefined],
    ['Ann (editor)', 'Ann (editor)'],
  ])('reads the author %s', (author, name) => {
    expect(read(rss(`<item><author>${author}</author></item>`)).items[0]?.author).toBe(name);
  });

  test('keeps items with missing or invalid fields', () => {
    const { items } = read(
      rss(
        '<item><description>Only this</description><pubDate>soon</pubDate></item><item><guid>https://site.example/x</guid></item><item><title>Fish & chips</title></item>',
      ),
    );
    expect(items).toMatchObject([
      { title: undefined, summary: 'Only this', dateTexts: ['soon'], link: undefined },
      { link: 'https://site.example/x' },
      { title: 'Fish & chips' },
    ]);
  });

  test('counts the items beyond the limit', () => {
    const feed = read(rss('<item><title>a</title></item>'.repeat(5)), { maxItems: 3 });
    expect([feed.items.length, feed.leftOut]).toEqual([3, 2]);
  });

  test('reads a feed that was sent as a gzip file, up to the limit', () => {
    expect(read(gzipSync(rss('<item><title>a</title></item>'))).items).toHaveLength(1);
    expect(() => read(gzipSync(rss('<item/>'.repeat(1_000))), { maxBytes: 5_000 })).toThrow(/gzip file/);
  });

  test.each([
    [
      '<html><head><title>Before you continue</title></head></html>',
      'an HTML page titled "Before you continue"',
    ],
    ['<!DOCTYPE html><body>Not found</body>', 'an HTML page without title'],
    [
      '<html><head><title>News</title><link rel="alternate" type="application/rss+xml" href="/rss.xml"></head></html>',
      'an HTML page titled "News", which names the feed /rss.xml',
    ],
    ['', 'an empty response'],
    [' \n', 'a response of white space'],
    ['{"error":"gone"}', 'JSON, but not a JSON Feed'],
    ['{"version":"https://jsonfeed.org/version/1","items":[', 'JSON that is cut off or broken'],
    ['<?xml version="1.0"?><urlset><url/></urlset>', 'XML with the root element <urlset>'],
    ['Service unavailable', 'a text that begins with "Service unavailable"'],
    ['%PDF-1.7', 'a PDF document'],
    [gzipSync('<rss>').subarray(0, 15), 'a gzip file that is broken'],
    [Buffer.from([0, 1, 2, 3]), 'binary data'],
  ])('says what came instead of a feed: %p', (content, what) => {
    expect(() => read(content)).toThrow(TransientError);
    expect(() => read(content)).toThrow(`This is not an RSS, Atom or JSON feed: it is ${what}`);
  });

  test.each([
    ['within an item', '<rss><channel><item><title>a</title></item><item><title>cut', ['a'], ['cut_off']],
    ['between items', '<rss><channel><item><title>a</title></item>', ['a'], []],
    ['before its first item', '<rss><channel><title>N</title>', [], []],
  ])('keeps the items of a feed that is cut off %s', (_name, text, titles, reasons) => {
    const feed = read(text);
    expect(feed.isCutOff).toBe(true);
    expect(feed.items.map(({ title }) => title)).toEqual(titles);
    expect(feed.rejected.map(({ reason }) => reason)).toEqual(reasons);
  });

  test('limits the expansion of declared entities', () => {
    const declared =
      '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY house "Sonothèque &#38; co"><!ENTITY b "&house;&house;">]>';
    const feed = (title: string) =>
      `${declared}<rss><channel><item><title>${title}</title></item></channel></rss>`;
    expect(read(feed('&house;')).items[0]?.title).toBe('Sonothèque & co');
    expect(read(feed('&b;'.repeat(10_000))).items[0]?.title?.length).toBeLessThan(100_000);
  });
});
