import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { PartResult, RejectedItem } from '../../src/collectors/collector.ts';
import { web } from '../../src/collectors/kinds/web.ts';
import { webStateSchema, type WebState } from '../../src/collectors/kinds/web/state.ts';
import { toError } from '../../src/domain/job-errors.ts';
import { startUpstreams, type RunningUpstreams } from '../../local/upstreams/upstream.ts';
import { WebUpstream, type WebFault } from '../../local/upstreams/web.ts';
import { collectOnce } from '../support/collecting.ts';

const FIELDS = { title: 'h1', text: '.body', date: 'time', author: '.author' };

let site: WebUpstream;
let upstreams: RunningUpstreams;
let at: Date;

beforeEach(async () => {
  site = new WebUpstream();
  upstreams = await startUpstreams([site, site.robots]);
  at = new Date('2026-03-20T01:00:00Z');
});

afterEach(async () => {
  await upstreams.close();
});

interface Options {
  readonly state?: WebState | undefined;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly sites?: readonly Readonly<Record<string, unknown>>[];
}

function address(path: string): string {
  return `${upstreams.addressOf('web')}${path}`;
}

function linked(more: Readonly<Record<string, unknown>> = {}) {
  return { name: 'news', url: address('/'), take: 'linked-pages', link: 'h2 a', fields: FIELDS, ...more };
}

async function run({ state, settings, sites = [linked()] }: Options = {}) {
  const collected = await collectOnce({
    kind: web,
    settings: { sites, delaySeconds: 0, ...settings },
    access: {},
    ...(state === undefined ? {} : { state }),
    now: at,
  });
  if (collected.error !== undefined) throw toError(collected.error);
  return { ...collected, state: webStateSchema.parse(collected.state) };
}

function partsOf(parts: readonly PartResult[]) {
  return parts.map(({ name, status }) => `${name.replace(upstreams.addressOf('web'), '')}: ${status}`);
}

function reasonsOf(rejected: readonly RejectedItem[]) {
  return rejected.map(({ reason }) => reason);
}

test('reads the articles behind the links of a list by selectors', async () => {
  const { documents, parts, rejected } = await run();
  expect(documents).toHaveLength(6);
  expect(rejected).toEqual([]);
  const url = address('/news/2.html');
  expect(documents[1]).toEqual({
    type: 'document',
    key: url,
    url,
    identity: {
      url,
      title: 'Marché de la place n° 2',
      text: "Le marché numéro 2 a ouvert ce matin à l'heure habituelle.",
    },
    title: 'Marché de la place n° 2',
    text: "Le marché numéro 2 a ouvert ce matin à l'heure habituelle.",
    language: 'fr',
    publishedAt: new Date('2026-03-02T07:30:00Z'),
    payload: { site: 'news', author: 'Auteur 2' },
  });
  expect(parts).toEqual([{ type: 'part', name: 'news', status: 'success', items: 6 }]);
});

test('reads the same articles from JSON-LD of pages and lists, and from items of a list', async () => {
  const bySelectors = await run();
  const sites = [
    linked({ fields: undefined }),
    { name: 'news', url: address('/data'), take: 'json-ld' },
    { name: 'news', url: address('/brief'), take: 'list-items', item: 'article', fields: FIELDS },
  ];
  for (const other of sites) {
    const { documents } = await run({ sites: [other] });
    expect(documents).toEqual(bySelectors.documents);
  }
});

describe('a second run', () => {
  test('requests only the list when it is unchanged', async () => {
    const { state } = await run();
    site.takePaths();
    const again = await run({ state });
    expect(again.documents).toEqual([]);
    expect(partsOf(again.parts)).toEqual(['news: unchanged']);
    expect(site.takePaths()).toEqual(['/']);
  });

  test('takes new and corrected articles, and requests the rest conditionally', async () => {
    const { state } = await run();
    const [first, ...rest] = site.articles;
    if (first === undefined) throw new Error('no article');
    site.articles = [{ ...first, text: 'Corrigé.' }, ...rest, { ...first, slug: 'new', title: 'Nouveau' }];
    const again = await run({ state });
    expect(again.documents.map(({ title, text }) => [title, text])).toEqual([
      ['Nouveau', first.text],
      [first.title, 'Corrigé.'],
    ]);
    expect(again.documents[1]?.key).toBe(address('/news/1.html'));
  });

  test('requests everything again when the selectors were changed', async () => {
    const { state } = await run();
    const again = await run({ state, sites: [linked({ fields: { ...FIELDS, title: 'title' } })] });
    expect(again.documents).toHaveLength(6);
  });

  test('reads pages of an unchanged list that the last run could not read', async () => {
    site.setFault('/news/3.html', { status: 500 });
    const first = await run();
    expect(first.documents).toHaveLength(5);
    expect(partsOf(first.parts)).toEqual(['/news/3.html: failed', 'news: success']);
    site.setFault('/news/3.html', undefined);
    const again = await run({ state: first.state });
    expect(again.documents.map(({ key }) => key)).toEqual([address('/news/3.html')]);
  });

  test('continues where the page limit of the last one was reached', async () => {
    const first = await run({ settings: { maxPagesPerRun: 4 } });
    expect(first.documents).toHaveLength(4);
    expect(first.parts[0]?.note).toContain('2 pages are left');
    const again = await run({ state: first.state, settings: { maxPagesPerRun: 2 } });
    expect(again.documents.map(({ key }) => key)).toEqual([address('/news/5.html'), address('/news/6.html')]);
  });
});

describe('robots.txt', () => {
  test('is read first, kept for a day and then requested again', async () => {
    const { state } = await run();
    expect(site.takePaths()[0]).toBe('/robots.txt');
    at = new Date(at.getTime() + 23 * 3_600_000);
    const second = await run({ state });
    expect(site.takePaths()).not.toContain('/robots.txt');
    at = new Date(at.getTime() + 2 * 3_600_000);
    await run({ state: second.state });
    expect(site.takePaths()).toContain('/robots.txt');
  });

  test('is obeyed by product token, not by the User-Agent header', async () => {
    site.robotsTxt = 'User-agent: *\nDisallow:\n\nUser-agent: sonotheque\nDisallow: /web/news/4\n';
    const { documents, rejected } = await run();
    expect(documents).toHaveLength(5);
    expect(reasonsOf(rejected)).toEqual(['address_refused']);
    expect(site.takePaths()).not.toContain('/news/4.html');
  });

  test.each<[string, WebFault | string]>([
    ['missing', { status: 404 }],
    ['forbidden', { status: 403 }],
    ['empty', ''],
    ['a page', '<!doctype html><title>Hello</title>'],
  ])('that is %s allows everything', async (_case, robotsTxt) => {
    site.robotsTxt = robotsTxt;
    expect((await run()).documents).toHaveLength(6);
  });

  test.each<[string, WebFault]>([
    ['a server error', { status: 500 }],
    ['endless redirects', { status: 302, headers: { location: '/robots.txt' } }],
    ['a Retry-After', { status: 429 }],
  ])('that ends in %s forbids everything for this run', async (_case, robotsTxt) => {
    site.robotsTxt = robotsTxt;
    const { documents, parts } = await run();
    expect(documents).toEqual([]);
    expect(partsOf(parts)).toEqual(['news: failed']);
    expect(new Set(site.takePaths())).toEqual(new Set(['/robots.txt']));
  });

  test('of a site that cannot be reached is a failure of the network, not of the server', async () => {
    const { parts } = await run({ sites: [linked({ url: 'http://127.0.0.1:1/' })] });
    expect(parts).toMatchObject([{ status: 'failed', error: { errorClass: 'network' } }]);
  });

  test('is read to 500 KiB', async () => {
    const filler = `# ${'x'.repeat(1022)}\n`.repeat(450);
    site.robotsTxt = `${filler}User-agent: *\nDisallow: /web/news/1\n${filler}Disallow: /web/news/2\n`;
    const { documents } = await run();
    expect(documents.map(({ key }) => key)).toContain(address('/news/2.html'));
    expect(documents.map(({ key }) => key)).not.toContain(address('/news/1.html'));
  });

  test('applies also to the target of a redirect', async () => {
    site.setFault('/news/1.html', { status: 302, headers: { location: '/web/private/1' }, body: '' });
    const { rejected } = await run();
    expect(reasonsOf(rejected)).toEqual(['address_refused']);
    expect(site.takePaths()).not.toContain('/private/1');
  });

  test('sets the delay between two requests, which are sent one at a time', async () => {
    site.robotsTxt = 'User-agent: *\nCrawl-delay: 0.15\n';
    await run({ settings: { maxPagesPerRun: 3 } });
    const times = site.requests.slice(1).map((request) => request.at);
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(pauses).toHaveLength(3);
    expect(Math.min(...pauses)).toBeGreaterThan(100);
    expect(site.load.most).toBe(1);
  });
});

describe('a page', () => {
  test.each<[string, WebFault, string]>([
    ['X-Robots-Tag', { headers: { 'x-robots-tag': 'noindex' } }, 'noindex'],
    ['a reservation of rights', { headers: { 'tdm-reservation': '1' } }, 'tdm_reserved'],
    ['meta robots', { body: '<meta name="ROBOTS" content="noindex, follow"><h1>T</h1>' }, 'noindex'],
    ['no title', { body: '<p class="body">text</p>' }, 'no_title'],
    ['no text', { body: '<h1>title</h1>' }, 'no_text'],
    ['404', { status: 404 }, 'source_missing'],
    ['too many bytes', { body: `<h1>T</h1>${'x'.repeat(5000)}` }, 'too_large'],
    [
      'a redirect to another host',
      { status: 301, headers: { location: 'http://other.invalid/' }, body: '' },
      'address_refused',
    ],
  ])('with %s is rejected with its reason, and the others are accepted', async (_case, fault, reason) => {
    site.setFault('/news/2.html', fault);
    const { documents, rejected } = await run({ settings: { maxPageBytes: 4096 } });
    expect(documents).toHaveLength(5);
    expect(reasonsOf(rejected)).toEqual([reason]);
    expect(rejected[0]?.detail).toContain('/news/2.html');
  });

  test('of another type is a failed part', async () => {
    site.setFault('/news/2.html', { headers: { 'content-type': 'image/png' }, body: 'png' });
    const { documents, parts } = await run();
    expect(documents).toHaveLength(5);
    expect(partsOf(parts)).toEqual(['/news/2.html: failed', 'news: success']);
  });

  test('is decoded with the encoding of its meta element', async () => {
    const body = Buffer.from('<meta charset="iso-8859-1"><h1>Déjà</h1><p class="body">été</p>', 'latin1');
    site.setFault('/news/1.html', { headers: { 'content-type': 'text/html' }, body });
    expect((await run()).documents[0]).toMatchObject({ title: 'Déjà', text: 'été' });
  });
});

describe('a site', () => {
  test('whose selector matches nothing fails, and the other sites are collected', async () => {
    const sites = [
      linked({ name: 'one', link: '.gone a' }),
      { name: 'two', url: address('/brief'), take: 'list-items', item: '.gone', fields: FIELDS },
      { name: 'three', url: address('/brief'), take: 'json-ld' },
      linked({ name: 'four', fields: { title: '.gone' } }),
      linked({ name: 'five' }),
    ];
    const { documents, parts } = await run({ sites });
    expect(partsOf(parts)).toEqual([
      'one: failed',
      'two: failed',
      'three: failed',
      'four: failed',
      'five: success',
    ]);
    for (const part of parts.slice(0, 4)) expect(part.note).toContain('may have changed');
    expect(documents).toHaveLength(6);
  });

  test('whose selector matches nothing fails in the next run too', async () => {
    const sites = [linked({ link: '.gone a' })];
    const { state } = await run({ sites });
    expect(partsOf((await run({ sites, state })).parts)).toEqual(['news: failed']);
  });

  test('that sends Retry-After is not requested until it is over', async () => {
    site.setFault('/news/2.html', { status: 429, headers: { 'retry-after': '3600' } });
    const first = await run();
    expect(first.documents).toHaveLength(1);
    site.takePaths();
    at = new Date(Date.now() + 1_800_000);
    const second = await run({ state: first.state });
    expect(partsOf(second.parts)).toEqual(['news: failed']);
    expect(site.takePaths()).toEqual([]);
    site.setFault('/news/2.html', undefined);
    at = new Date(Date.now() + 3_700_000);
    expect((await run({ state: second.state })).documents).toHaveLength(5);
  });

  test('with links to other hosts is followed only on its own host', async () => {
    const body = '<h2><a href="news/1.html">1</a></h2><h2><a href="http://other.invalid/">2</a></h2>';
    site.setFault('/', { body });
    const { documents, rejected } = await run();
    expect(documents).toHaveLength(1);
    expect(reasonsOf(rejected)).toEqual(['other_host']);
  });

  test('is interrupted with the run: an abort is no failure of the page', async () => {
    const signal = AbortSignal.abort();
    const { error } = await collectOnce({
      kind: web,
      settings: { sites: [linked()], delaySeconds: 0 },
      access: {},
      signal,
    });
    expect(error).toMatchObject({ outcome: 'interrupted' });
  });
});
