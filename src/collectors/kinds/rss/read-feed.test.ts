import { describe, expect, test } from '@jest/globals';
import { TransientError } from '../../../domain/job-errors.ts';
import { readFeed } from './read-feed.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const read = (text: string, maxItems = 100) =>
  readFeed(text, { url: new URL('https://site.example/feeds/main.xml'), maxItems, now: NOW });
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
        publishedAt: new Date('2026-11-21T10:00:00Z'),
      },
    ]);
  });

  test('reads Atom', () => {
    const feed = read(
      '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>N</title><entry><id>urn:x:1</id><title>T</title><link rel="self" href="https://site.example/self"/><link rel="alternate" href="https://site.example/1"/><link rel="enclosure" type="audio/ogg" href="https://cdn.example/1.ogg"/><summary>S</summary><content>All of it</content><updated>2026-11-20T10:00:00Z</updated></entry></feed>',
    );
    expect(feed.items).toMatchObject([
      {
        guid: 'urn:x:1',
        link: 'https://site.example/1',
        summary: 'S',
        content: 'All of it',
        audioUrl: 'https://cdn.example/1.ogg',
        publishedAt: new Date('2026-11-20T10:00:00Z'),
      },
    ]);
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
          enclosure('type="audio/mpeg"', 'javascript:alert(1)'),
      ),
    );
    expect(items.map(({ audioUrl }) => audioUrl)).toEqual([
      undefined,
      'https://cdn.example/b.mp3?token=1',
      'https://cdn.example/c.mp3?token=2',
      undefined,
      undefined,
    ]);
  });

  test('keeps items with missing or invalid fields', () => {
    const { items } = read(
      rss(
        '<item><description>Only this</description><pubDate>soon</pubDate></item><item><guid>https://site.example/x</guid></item><item><title>Fish & chips</title></item>',
      ),
    );
    expect(items).toMatchObject([
      { title: undefined, summary: 'Only this', publishedAt: undefined, link: undefined },
      { link: 'https://site.example/x' },
      { title: 'Fish & chips' },
    ]);
  });

  test('counts the items beyond the limit', () => {
    const feed = read(rss('<item><title>a</title></item>'.repeat(5)), 3);
    expect([feed.items.length, feed.leftOut]).toEqual([3, 2]);
  });

  test.each([
    '<html><body>Not found</body></html>',
    '',
    '{"version":"https://jsonfeed.org/version/1"}',
    '<rss><nothing/></rss>',
    '<rss><channel><item><title>cut',
    '<rss><channel><item><title>whole</title></item>',
  ])('refuses %p', (text) => {
    expect(() => read(text)).toThrow(TransientError);
    expect(() => read(text)).toThrow(/^This is not an RSS or Atom feed/);
  });

  test('limits the expansion of declared entities', () => {
    const bomb = `<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "${'x'.repeat(5000)}"><!ENTITY b "${'&a;'.repeat(100)}"><!ENTITY c "${'&b;'.repeat(100)}">]>${rss(`<item><title>${'&c;&b;&a;'.repeat(500)}</title></item>`).replace(/<\?.*?\?>/, '')}`;
    let length = 0;
    try {
      length = read(bomb).items[0]?.title?.length ?? 0;
    } catch (error) {
      expect(error).toBeInstanceOf(TransientError);
    }
    expect(length).toBeLessThan(1_000_000);
  });
});
