import { describe, expect, test } from '@jest/globals';
import { readAll } from './feeds.ts';

const jsonFeed = (items: readonly unknown[], more: object = {}) =>
  JSON.stringify({ version: 'https://jsonfeed.org/version/1.1', title: 'News', ...more, items });
const only = (item: unknown, more: object = {}) => readAll(jsonFeed([item], more)).items[0];

describe('JSON Feed', () => {
  test('is read with all its fields', () => {
    const feed = readAll(
      jsonFeed(
        [
          {
            id: 'https://site.example/1',
            url: '/1',
            title: 'A <b> & B',
            summary: 'In short',
            content_html: '<p>Use &lt;video&gt;</p>',
            date_published: '2026-11-20T10:00:00Z',
            date_modified: '2026-11-21T10:00:00Z',
            authors: [{ url: 'https://ann.example/' }, { name: 'Ann' }],
            attachments: [
              { url: 'https://cdn.example/1.jpg', mime_type: 'image/jpeg' },
              { url: 'https://cdn.example/1.mp3', mime_type: 'audio/mpeg', duration_in_seconds: 61.4 },
            ],
          },
        ],
        { home_page_url: 'https://site.example/', language: 'fr-FR' },
      ),
    );
    expect(feed).toMatchObject({ title: 'News', language: 'fr-FR', rejected: [], isCutOff: false });
    expect(feed.items).toEqual([
      {
        guid: 'https://site.example/1',
        link: 'https://site.example/1',
        title: 'A <b> & B',
        summary: 'In short',
        content: 'Use <video>',
        dateTexts: ['2026-11-20T10:00:00Z', '2026-11-21T10:00:00Z'],
        author: 'Ann',
        audioUrl: 'https://cdn.example/1.mp3',
        durationSeconds: 61,
      },
    ]);
  });

  test('content_text is literal', () => {
    expect(only({ id: '1', content_text: 'a <b> &amp;' })?.content).toBe('a <b> &amp;');
  });

  test('of version 1.0 has one author, also for the whole feed', () => {
    expect(only({ id: '1', author: { name: 'Ann' } })?.author).toBe('Ann');
    expect(only({ id: '1' }, { author: { name: 'Bea' } })?.author).toBe('Bea');
    expect(only({ id: '1' }, { authors: [{ name: 'Bea' }] })?.author).toBe('Bea');
  });

  test.each([
    ['a number as id', { id: 7 }, { guid: '7' }],
    ['no id', { url: 'https://site.example/1' }, { guid: undefined, link: 'https://site.example/1' }],
    ['an address elsewhere', { id: '1', external_url: 'https://o.example/' }, { link: 'https://o.example/' }],
    ['an address as id', { id: 'https://site.example/2' }, { link: 'https://site.example/2' }],
    ['fields of another type', { id: '1', title: 5, authors: 'Ann', attachments: {} }, { title: undefined }],
    ['empty fields', { id: '1', title: '', summary: ' ' }, { title: undefined, summary: undefined }],
  ])('keeps an item with %s', (_name, item, expected) => {
    expect(only(item)).toMatchObject(expected);
  });

  test('rejects what is no item, and keeps the rest', () => {
    const feed = readAll(jsonFeed([{ id: '1' }, null, 'x', { id: '2' }]));
    expect(feed.items.map(({ guid }) => guid)).toEqual(['1', '2']);
    expect(feed.rejected).toEqual([
      { reason: 'unreadable', detail: 'item 2 is no object' },
      { reason: 'unreadable', detail: 'item 3 is no object' },
    ]);
  });

  test('counts the items beyond the limit', () => {
    expect(readAll(jsonFeed([{ id: '1' }, { id: '2' }, { id: '3' }]), 2)).toMatchObject({ leftOut: 1 });
  });

  test('may begin with a byte order mark and contain feeds of XML', () => {
    expect(
      readAll(`\uFEFF${jsonFeed([{ id: '1', content_html: '<rss><channel></channel></rss>' }])}`).items,
    ).toHaveLength(1);
  });
});
