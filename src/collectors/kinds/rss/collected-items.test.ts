import { describe, expect, test } from '@jest/globals';
import type { DocumentItem, MediaItem } from '../../collector.ts';
import { toCollectedItems } from './collected-items.ts';
import type { FeedItem, ParsedFeed } from './feed-item.ts';
import { rssSettingsSchema } from './settings.ts';

const FEED = { name: 'News', url: 'https://site.example/rss' };
const NOW = new Date('2026-11-21T12:00:00Z');
const READ: ParsedFeed = {
  title: 'The news',
  language: 'fr',
  ttlMinutes: undefined,
  items: [],
  rejected: [],
  leftOut: 0,
  invalidSequences: 0,
  unclosed: 0,
  isCutOff: false,
};
const NOTHING: FeedItem = {
  guid: undefined,
  link: undefined,
  title: undefined,
  summary: undefined,
  content: undefined,
  dateTexts: [],
  author: undefined,
  audioUrl: undefined,
  durationSeconds: undefined,
};
const item = (fields: Partial<FeedItem>): FeedItem => ({ ...NOTHING, ...fields });

function found(items: readonly FeedItem[], feed = FEED, extra: object = {}) {
  const settings = rssSettingsSchema.parse({ feeds: [FEED], audioEnclosures: true, ...extra });
  return [...toCollectedItems({ ...READ, items }, settings, feed, NOW)];
}
const documents = (...args: Parameters<typeof found>) =>
  found(...args).filter((one): one is DocumentItem => one.type === 'document');
const media = (...args: Parameters<typeof found>) =>
  found(...args).filter((one): one is MediaItem => one.type === 'media');
const keys = (...args: Parameters<typeof found>) => documents(...args).map(({ key }) => key);

describe('documents', () => {
  test('contain title, summary and link, and nothing of the content', () => {
    const [document] = documents([
      item({
        guid: 'g',
        title: 'L’e\u0301te\u0301  &\nmoi',
        summary: ' One  Two ',
        content: 'The whole article',
        link: 'https://site.example/a?utm_source=rss&id=1#xtor=RSS-3',
      }),
    ]);
    expect(document).toMatchObject({
      title: 'L’été & moi',
      text: 'One Two',
      url: 'https://site.example/a?id=1',
      language: 'fr',
      payload: { feed: 'News' },
    });
    expect(JSON.stringify(document)).not.toContain('whole article');
  });

  test('truncate a summary that is a whole article', () => {
    const [document] = documents([item({ guid: 'g', summary: 'word '.repeat(1000) })], FEED, {
      maxSummaryCharacters: 100,
    });
    expect(document?.text).toHaveLength(100);
  });

  test('have the beginning of the content where there is no summary', () => {
    expect(documents([item({ guid: 'g', title: 't', content: 'The content' })])).toMatchObject([
      { title: 't', text: 'The content' },
    ]);
  });

  test('have the first date that can be read, else the problem of the first one', () => {
    const dates = ['soon', '2026-11-20T10:00:00Z', '2026-11-19T10:00:00Z'];
    expect(documents([item({ guid: 'g', title: 't', dateTexts: dates })])).toMatchObject([
      { publishedAt: new Date('2026-11-20T10:00:00Z') },
    ]);
    const unreadable = [['soon'], [], ['1970-01-01'], ['2027-01-01']];
    expect(
      documents(unreadable.map((dateTexts, index) => item({ guid: String(index), title: 't', dateTexts }))),
    ).toMatchObject(
      ['unknown_date_format', 'no_date', 'date_out_of_range', 'date_out_of_range'].map((reason) => ({
        dateProblem: { reason },
      })),
    );
  });

  test('items that could not be read are rejected with their reasons', () => {
    const rejected = [{ reason: 'too_deep', detail: 'item 3 (Deep)' }] as const;
    const settings = rssSettingsSchema.parse({ feeds: [FEED] });
    expect([...toCollectedItems({ ...READ, rejected }, settings, FEED, NOW)]).toEqual([
      { type: 'rejected', reason: 'too_deep', detail: 'News: item 3 (Deep)' },
    ]);
  });

  test('items without title, summary and link are rejected', () => {
    expect(found([item({ guid: '1' }), item({})])).toMatchObject([
      { type: 'rejected', reason: 'no_content' },
      { type: 'rejected', reason: 'no_content' },
    ]);
  });
});

describe('keys', () => {
  test('do not depend on the content', () => {
    expect(keys([item({ guid: 'g', title: 'a', link: 'https://a.example/1' })])).toEqual(
      keys([item({ guid: 'g', title: 'b', link: 'https://a.example/2' })]),
    );
  });

  test('are equal for one article in two sections of franceinfo', () => {
    const guid = 'https://www.franceinfo.fr/article.html';
    expect(keys([item({ guid: `${guid}#xtor=RSS-3-[lestitres]`, title: 'a' })])).toEqual(
      keys([item({ guid: `${guid}#xtor=RSS-9-[france]`, title: 'a' })], {
        name: 'b',
        url: 'https://b.example',
      }),
    );
  });

  test('differ between feeds for a number as guid', () => {
    const items = [item({ guid: '1', title: 'a' })];
    expect(keys(items)).not.toEqual(keys(items, { name: 'b', url: 'https://b.example/rss' }));
  });

  test('include the link when several items share a guid', () => {
    const first = item({ guid: 'same', title: 'a', link: 'https://a.example/1' });
    const second = item({ guid: 'same', title: 'b', link: 'https://a.example/2' });
    expect(new Set(keys([first, second])).size).toBe(2);
    // The same item listed twice is one.
    expect(new Set(keys([first, first])).size).toBe(1);
  });

  test('without a guid use the link, then the texts', () => {
    const link = 'https://a.example/1';
    expect(keys([item({ link, title: 'a' })])).toEqual(keys([item({ link: `${link}#xtor=x`, title: 'b' })]));
    expect(keys([item({ title: 'a', content: 'x' })])).not.toEqual(
      keys([item({ title: 'a', content: 'y' })]),
    );
  });
});

describe('episodes', () => {
  const audioUrl = 'https://cdn.example/1.mp3?token=abc';

  test('are identified by feed and guid, not by URL and title', () => {
    const [first] = media([item({ guid: 'e1', title: 'a', audioUrl, durationSeconds: 60 })]);
    const [second] = media([item({ guid: 'e1', title: 'A!', audioUrl: `${audioUrl}d` })]);
    expect(first).toMatchObject({ url: audioUrl, title: 'a', author: 'The news', durationSeconds: 60 });
    expect(first?.videoId).toMatch(/^[0-9a-f]{64}$/);
    expect(second?.videoId).toBe(first?.videoId);
    const [other] = media([item({ guid: 'e1', title: 'a', audioUrl })], {
      name: 'b',
      url: 'https://b.example',
    });
    expect(other?.videoId).not.toBe(first?.videoId);
  });

  test('keep their ids when the URL of the feed changes and its id does not', () => {
    const items = [item({ guid: 'e1', title: 'a', audioUrl })];
    const moved = { name: 'News', url: 'https://new.example/rss', id: FEED.url };
    expect(media(items, moved)[0]?.videoId).toBe(media(items)[0]?.videoId);
  });

  test('without a guid are identified by the page, never by the audio, else rejected', () => {
    const page = item({ title: 'a', link: 'https://site.example/e1', audioUrl });
    expect(media([{ ...page, audioUrl: 'https://other.example/x' }])[0]?.videoId).toBe(
      media([page])[0]?.videoId,
    );
    expect(found([item({ title: 'a', link: audioUrl, audioUrl })])).toMatchObject([
      { type: 'document' },
      { type: 'rejected', reason: 'episode_without_id' },
    ]);
  });

  test('are not yielded unless audioEnclosures is set', () => {
    const items = [item({ guid: 'e1', title: 'a', audioUrl })];
    expect(found(items, FEED, { audioEnclosures: false })).toMatchObject([{ type: 'document' }]);
    expect(documents(items)[0]?.payload).toMatchObject({
      video_id: `http.${String(media(items)[0]?.videoId)}`,
    });
  });
});
