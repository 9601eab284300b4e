import { describe, expect, test } from '@jest/globals';
import type { DocumentItem } from '../../src/collectors/collector.ts';
import { createRowReader } from '../../src/collectors/kinds/kaggle/row-document.ts';
import { settingsSchema as kaggleSettings } from '../../src/collectors/kinds/kaggle/settings.ts';
import { toCollectedItems } from '../../src/collectors/kinds/rss/collected-items.ts';
import { readFeed } from '../../src/collectors/kinds/rss/read-feed.ts';
import { rssSettingsSchema } from '../../src/collectors/kinds/rss/settings.ts';
import { toDocumentItem } from '../../src/collectors/kinds/web/article.ts';
import { readPage } from '../../src/collectors/kinds/web/read-page.ts';
import { html } from '../../src/text/html.ts';

/**
 * One date is read alike by every kind of source. The cases are in the forms of RFC 822, 2822, 3339 and 5322, of W3C-DTF,
 * and of feeds and pages that other programs had trouble with (the test lists of feedparser and Miniflux).
 */
type DateOrder = 'dmy' | 'mdy';
const NOW = new Date('2026-11-21T12:00:00Z');
const UPLOADS = { maxItems: 10, maxBytes: 1e6, url: 'https://site.example/feed' };

function inFeed(date: string, dateOrder?: DateOrder) {
  const settings = rssSettingsSchema.parse({ feeds: [{ name: 'f', url: UPLOADS.url, dateOrder }] });
  const [feed] = settings.feeds;
  if (feed === undefined) throw new Error('There is one.');
  const xml = html`<rss version="2.0"
    ><channel
      ><title>F</title><item><guid>1</guid><title>T</title><pubDate>${date}</pubDate></item></channel
    ></rss
  >`;
  const parsed = readFeed(Buffer.from(xml.markup), UPLOADS);
  return [...toCollectedItems(parsed, settings, feed, NOW)][0] as DocumentItem;
}

function onPage(date: string, dateOrder?: DateOrder) {
  const page = html`<h1>T</h1>
    <time>${date}</time>`;
  const { articles } = readPage(Buffer.from(page.markup), {
    ...{ url: 'https://site.example/a', charset: 'utf-8', robotsTag: '', tdmReservation: '' },
    wanted: { type: 'article', fields: { title: 'h1', date: 'time' } },
  });
  const options = { site: 's', language: undefined, dateOrder, needsText: false };
  return toDocumentItem(
    { title: '', text: '', ...articles[0], url: 'https://site.example/a' },
    options,
  ) as DocumentItem;
}

function inTable(date: string, dateOrder?: DateOrder) {
  const settings = kaggleSettings.parse({ datasets: [{ ref: 'o/d', dateColumn: 'd', dateOrder }] });
  const [dataset] = settings.datasets;
  if (dataset === undefined) throw new Error('There is one.');
  const origin = { dataset, file: 'a.csv', version: 1, licence: undefined, dateOrder: dataset.dateOrder };
  return createRowReader(['d'], origin).read([date]) as DocumentItem;
}

const KINDS = [inFeed, onPage, inTable];

describe('in feeds, on pages and in tables alike', () => {
  test.each([
    ['Sat, 21 Nov 2026 10:00:00 +0000', '2026-11-21T10:00:00.000Z'],
    ['Sat, 21 Nov 2026 10:00:00 GMT', '2026-11-21T10:00:00.000Z'],
    ['Sat, 21 Nov 2026 10:00:00 EST', '2026-11-21T15:00:00.000Z'],
    ['Sat, 21 Nov 2026 10:00:00 PDT', '2026-11-21T17:00:00.000Z'],
    ['Sat, 21 Nov 2026 10:00:00 +01', '2026-11-21T09:00:00.000Z'],
    ['Sat, 21 Nov 2026 10:00:00 GMT+1', '2026-11-21T09:00:00.000Z'],
    ['Sat, 21 Nov 26 10:00 UT', '2026-11-21T10:00:00.000Z'],
    ['2026-11-21T10:00:00.5+01:00', '2026-11-21T09:00:00.500Z'],
    ['2026-11-21T10:00Z', '2026-11-21T10:00:00.000Z'],
    ['2026-11-21', '2026-11-21T00:00:00.000Z'],
    ['jeu., 02 avril 2020', '2020-04-02T00:00:00.000Z'],
    ['ven., 03 juil. 2020 15:09:58 +0000', '2020-07-03T15:09:58.000Z'],
    ['26 août 2026 10:00', '2026-08-26T10:00:00.000Z'],
    ['Vendredi, 13 Mars, 2020 - 12:22', '2020-03-13T12:22:00.000Z'],
    ['Di, 23 Jan 2018 00:00:00 +0100', '2018-01-22T23:00:00.000Z'],
    ['Do, 29 Mär 2018 00:00:00 +0200', '2018-03-28T22:00:00.000Z'],
    ['Freitag, 6. Dezember 2024, 9.30 Uhr', '2024-12-06T09:30:00.000Z'],
    ['Friday, December 22, 2017 - 3:09pm', '2017-12-22T15:09:00.000Z'],
    ['Thu, 25 Feb 2016 00:00:00 Europe/Brussels', '2016-02-24T23:00:00.000Z'],
    ['25/12/2025', '2025-12-25T00:00:00.000Z'],
  ])('%s', (text, expected) => {
    for (const item of KINDS.map((kind) => kind(text))) {
      expect(item.publishedAt?.toISOString()).toBe(expected);
      expect(item).not.toHaveProperty('dateProblem');
    }
  });

  test.each([
    ['03/04/2026', 'ambiguous_date'],
    ['31 February 2026', 'impossible_date'],
    ['2026-02-30T10:00:00Z', 'impossible_date'],
    ['Sat, 21 Nov 2026 25:00:00 GMT', 'impossible_date'],
    ['x 2026', 'unknown_date_format'],
    ['yesterday', 'unknown_date_format'],
    ['3 mai', 'unknown_date_format'],
    ['Sat, 21 Nov 2026 10:00:00 XYZ', 'unknown_time_zone'],
    ['', 'no_date'],
  ])('%j is refused and counted: %s', (text, reason) => {
    for (const item of KINDS.map((kind) => kind(text))) {
      expect(item).not.toHaveProperty('publishedAt');
      expect(item.dateProblem).toEqual({ reason, text });
    }
  });

  test('the order of day and month is that of the settings', () => {
    for (const kind of KINDS) {
      expect(kind('03/04/2026', 'dmy').publishedAt).toEqual(new Date('2026-04-03'));
      expect(kind('03/04/2026', 'mdy').publishedAt).toEqual(new Date('2026-03-04'));
    }
  });
});

test('dates before 1990 and in the future stand for an empty field in feeds, not in tables', () => {
  for (const text of ['Thu, 01 Jan 1970 00:00:00 GMT', 'Sat, 21 Nov 2099 10:00:00 GMT']) {
    expect(inFeed(text).dateProblem).toEqual({ reason: 'date_out_of_range', text });
    expect(inTable(text).publishedAt).toEqual(new Date(text));
  }
});

test('tracking parameters change neither the key nor the URL of an item', () => {
  const item = (tracking: string) => {
    const settings = rssSettingsSchema.parse({ feeds: [UPLOADS.url] });
    const [feed] = settings.feeds;
    if (feed === undefined) throw new Error('There is one.');
    const url = `https://site.example/a?id=7${tracking}`;
    const xml = html`<rss version="2.0"><channel><title>F</title><item><guid>${url}</guid><link>${url}</link><title>T</title></item></channel></rss>`;
    const [first] = toCollectedItems(readFeed(Buffer.from(xml.markup), UPLOADS), settings, feed, NOW);
    return first;
  };
  for (const tracking of [
    '&utm_source=rss',
    '&fbclid=1',
    '&gclid=2&mc_cid=3',
    '#xtor=RSS-1',
    '&at_medium=RSS',
  ]) {
    expect(item(tracking)).toEqual(item(''));
  }
});
