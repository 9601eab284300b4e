import { monitorEventLoopDelay } from 'node:perf_hooks';
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

describe('without selectors', () => {
  const auto = () => linked({ fields: undefined });

  test('a page without JSON-LD has the text that reads like an article; one without any text is rejected', async () => {
    const text = '<p>Le marché a ouvert ce matin, avec du poisson, des fruits et du monde.</p>'.repeat(4);
    site.setFault('/news/1.html', { body: `<title>Un titre</title><nav>Menu</nav><main>${text}</main>` });
    site.setFault('/news/2.html', { body: '<title>Rien</title><nav><a href="/">Menu</a></nav>' });
    const { documents, rejected, parts } = await run({ sites: [auto()] });
    expect(documents).toHaveLength(5);
    expect(documents[0]).toMatchObject({ title: 'Un titre', text: expect.stringContaining('poisson') });
    expect(reasonsOf(rejected)).toEqual(['no_text']);
    expect(parts).toMatchObject([{ status: 'success', note: expect.stringContaining('/news/2.html') }]);
  });

  test('pages of which none has a text are a wrong setting', async () => {
    for (const { slug } of site.articles)
      site.setFault(`/news/${slug}.html`, { body: '<title>Rien</title>' });
    const { parts } = await run({ sites: [auto()] });
    expect(parts).toMatchObject([{ status: 'failed', error: { errorClass: 'source_settings' } }]);
  });
});

describe('a date', () => {
  const withDate = (date: string) => ({ body: `<h1>T</h1><p class="body">text</p><time>${date}</time>` });

  test.each([
    ['26 août 2026 10:00', { publishedAt: new Date('2026-08-26T10:00:00Z') }],
    ['Vendredi, 13 Mars, 2020 - 12:22', { publishedAt: new Date('2020-03-13T12:22:00Z') }],
    ['Sat, 21 Nov 2026 10:00:00 GMT+1', { publishedAt: new Date('2026-11-21T09:00:00Z') }],
    ['03/04/2026', { dateProblem: { reason: 'ambiguous_date', text: '03/04/2026' } }],
    ['31 February 2026', { dateProblem: { reason: 'impossible_date', text: '31 February 2026' } }],
    ['x 2026', { dateProblem: { reason: 'unknown_date_format', text: 'x 2026' } }],
    ['', { dateProblem: { reason: 'no_date', text: '' } }],
  ])('%j is read, or refused with its reason', async (date, expected) => {
    site.setFault('/news/1.html', withDate(date));
    expect((await run()).documents[0]).toMatchObject(expected);
  });

  test('in numbers is read as the site or the source says', async () => {
    site.setFault('/news/1.html', withDate('03/04/2026'));
    const bySource = await run({ settings: { dateOrder: 'dmy' } });
    expect(bySource.documents[0]?.publishedAt).toEqual(new Date('2026-04-03'));
    const bySite = await run({ settings: { dateOrder: 'dmy' }, sites: [linked({ dateOrder: 'mdy' })] });
    expect(bySite.documents[0]?.publishedAt).toEqual(new Date('2026-03-04'));
  });

  test('that the settings do not ask for is no problem', async () => {
    const { documents } = await run({ sites: [linked({ fields: { title: 'h1' } })] });
    expect(documents[0]).not.toHaveProperty('dateProblem');
  });
});

describe('the same page under another URL', () => {
  const listOf = (...links: string[]) => ({
    body: links.map((link) => `<h2><a href="${link}">x</a></h2>`).join(''),
  });
  const copyOf = (canonical: string, title = 'Marché de la place n° 1') => ({
    body: `<link rel="canonical" href="${canonical}"><h1>${title}</h1><p class="body">Almost the same text.</p>`,
  });
  const urlsOf = ({ documents }: { documents: readonly { url?: string }[] }) =>
    documents.map(({ url }) => url?.replace(upstreams.addressOf('web'), ''));

  test('by tracking parameters is one page', async () => {
    site.setFault(
      '/',
      listOf('news/1.html?fbclid=a', 'news/1.html?gclid=b&mc_cid=c', 'news/1.html#xtor=RSS-1'),
    );
    expect(urlsOf(await run())).toEqual(['/news/1.html']);
  });

  test('by a redirect to a page of the list is a duplicate, and the page is requested once', async () => {
    site.setFault('/', listOf('old/1', 'news/1.html', 'older/1'));
    for (const path of ['/old/1', '/older/1'])
      site.setFault(path, { status: 301, headers: { location: '/web/news/1.html' }, body: '' });
    const first = await run();
    expect([urlsOf(first), first.duplicates]).toEqual([['/news/1.html'], 2]);
    expect(first.parts[0]?.note).toContain('2 links lead to pages that are collected under another URL');
    expect(site.takePaths().filter((path) => path === '/news/1.html')).toHaveLength(1);
  });

  test('by a redirect to a page of an earlier run is a duplicate', async () => {
    const { state } = await run();
    site.setFault('/', listOf('old/1'));
    site.setFault('/old/1', { status: 302, headers: { location: '/web/news/1.html' }, body: '' });
    const again = await run({ state });
    expect([urlsOf(again), again.duplicates, again.rejected]).toEqual([[], 1, []]);
  });

  test('by a redirect to a page that is nowhere else has the URL of the page', async () => {
    site.setFault('/', listOf('old/1', 'old/2'));
    for (const path of ['/old/1', '/old/2'])
      site.setFault(path, { status: 301, headers: { location: '/web/news/1.html' }, body: '' });
    const { duplicates, ...found } = await run();
    expect([urlsOf(found), duplicates]).toEqual([['/news/1.html'], 1]);
  });

  test('that names a page of the list as canonical is a duplicate, in the next run too', async () => {
    site.setFault('/', listOf('print/1', 'news/1.html'));
    site.setFault('/print/1', copyOf('/web/news/1.html?utm_source=print'));
    const first = await run();
    expect([urlsOf(first), first.duplicates]).toEqual([['/news/1.html'], 1]);
    site.setFault('/', listOf('print/1', 'news/1.html', 'amp/1'));
    site.setFault('/amp/1', copyOf('/web/news/1.html'));
    const second = await run({ state: first.state });
    expect([urlsOf(second), second.duplicates]).toEqual([[], 1]);
  });

  test('that names a page nobody has is kept, and others that name it with the same title are duplicates', async () => {
    site.setFault('/', listOf('print/1', 'amp/1'));
    site.setFault('/print/1', copyOf('/web/news/1.html'));
    site.setFault('/amp/1', copyOf('/web/news/1.html'));
    const first = await run();
    expect([urlsOf(first), first.duplicates]).toEqual([['/print/1'], 1]);
    // The page itself is the same document.
    site.setFault('/', listOf('news/1.html'));
    const second = await run({ state: first.state });
    expect([urlsOf(second), second.duplicates]).toEqual([['/print/1'], 0]);
  });

  test('by mistake, where a site names one URL in all pages, is kept', async () => {
    for (const canonical of ['/', '/web/', '/web/news/', 'https://other.example/']) {
      for (const { slug, title } of site.articles)
        site.setFault(`/news/${slug}.html`, copyOf(canonical, title));
      const first = await run();
      expect([canonical, first.documents.length, first.duplicates]).toEqual([canonical, 6, 0]);
    }
  });

  test('where two pages name each other is collected once', async () => {
    site.setFault('/', listOf('a', 'b'));
    site.setFault('/a', copyOf('/web/b'));
    site.setFault('/b', copyOf('/web/a'));
    const first = await run();
    expect([urlsOf(first), first.duplicates]).toEqual([['/b'], 1]);
    site.setFault('/', listOf('b', 'a'));
    site.setFault('/b', copyOf('/web/a', 'Corrected'));
    expect(urlsOf(await run({ state: first.state }))).toEqual(['/b']);
  });
});

describe('a page that is made to be slow', () => {
  test('is rejected with its reason, and the others are accepted without a pause', async () => {
    site.setFault('/news/2.html', { body: `<h1>T</h1>${'<div>'.repeat(100_000)}` });
    site.setFault('/news/3.html', { body: `<h1>T</h1><p class="body">x</p>${'<br>'.repeat(20_000)}` });
    const delays = monitorEventLoopDelay({ resolution: 10 });
    await run();
    delays.enable();
    const { documents, rejected } = await run();
    delays.disable();
    expect(documents).toHaveLength(5);
    expect(reasonsOf(rejected)).toEqual(['too_complex']);
    expect(delays.max / 1e6).toBeLessThan(500);
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

  test.each([
    ['link', { link: '.gone a' }, 1, []],
    ['title', { fields: { title: '.gone' } }, 7, Array<string>(6).fill('no_title')],
    ['item', { take: 'list-items', link: undefined, item: '.gone' }, 1, []],
    [
      'item title',
      { take: 'list-items', link: undefined, item: 'article', fields: { title: '.gone' } },
      1,
      6,
    ],
  ])(
    'whose selector (%s) matches nothing is wrong in its settings, read once and counted once',
    async (_case, change, pages, reasons) => {
      const sites = [linked(change)];
      const first = await run({ sites });
      expect(first.parts).toMatchObject([
        {
          status: 'failed',
          error: { outcome: 'permanent', errorClass: 'source_settings' },
          note: expect.stringMatching(/`\.gone(?: a)?` matches (?:nothing|no link).*The page “.+” has h1: /s),
        },
      ]);
      const rejected = Array.isArray(reasons) ? reasons : Array<string>(reasons).fill('no_title');
      expect(reasonsOf(first.rejected)).toEqual(rejected);
      expect(site.takePaths().filter((path) => path !== '/robots.txt')).toHaveLength(pages);
      // Another attempt of the same run, because another site failed.
      at = new Date(at.getTime() + 20 * 60_000);
      const second = await run({ sites, state: first.state });
      expect(second.parts).toMatchObject([{ status: 'failed', error: { errorClass: 'source_settings' } }]);
      expect(second.rejected).toEqual([]);
      expect(site.takePaths()).toEqual([]);
      // The next run finds the same.
      at = new Date(at.getTime() + 24 * 3_600_000);
      const third = await run({ sites, state: second.state });
      expect(third.parts).toMatchObject([{ status: 'failed', error: { errorClass: 'source_settings' } }]);
      expect(site.takePaths().filter((path) => path !== '/robots.txt')).toHaveLength(pages);
    },
  );

  test('whose selector was corrected is read at once', async () => {
    const { state } = await run({ sites: [linked({ fields: { title: '.gone' } })] });
    expect((await run({ state })).documents).toHaveLength(6);
  });

  test('whose pages fail is retried, without the pages on which the selectors match nothing', async () => {
    site.setFault('/news/3.html', { status: 500 });
    const sites = [linked({ fields: { title: '.gone' } })];
    const first = await run({ sites });
    expect(first.parts.map(({ error }) => error)).toMatchObject([
      { errorClass: 'server_error' },
      { errorClass: 'source_settings' },
    ]);
    site.takePaths();
    const second = await run({ sites, state: first.state });
    expect(site.takePaths()).toEqual(['/', '/news/3.html']);
    expect(second.rejected).toEqual([]);
  });

  test('whose text selector fits nowhere keeps the texts and fails with its settings', async () => {
    const sites = [linked({ fields: { ...FIELDS, text: '.gone' } })];
    const { documents, parts } = await run({ sites });
    expect(documents.map(({ text }) => text)).toEqual(site.articles.map(({ text }) => text));
    expect(parts).toMatchObject([
      {
        status: 'failed',
        error: { errorClass: 'source_settings' },
        note: expect.stringContaining('`.gone`'),
      },
    ]);
  });

  test('whose text selector does not fit one page is a success that says so', async () => {
    site.setFault('/news/2.html', {
      body: '<h1>T</h1><main><p>Another layout, of the same site.</p></main>',
    });
    const { documents, parts } = await run();
    expect(documents[1]).toMatchObject({ title: 'T', text: 'Another layout, of the same site.' });
    expect(parts).toMatchObject([{ status: 'success', note: expect.stringContaining('/news/2.html') }]);
  });

  test('is read by its own settings, although another site has the same pages', async () => {
    const other = linked({ name: 'other', fields: { title: 'title' } });
    const first = await run({ sites: [linked(), other] });
    expect(partsOf(first.parts)).toEqual(['news: success', 'other: success']);
    expect(first.documents).toHaveLength(12);
    expect(partsOf((await run({ sites: [linked(), other], state: first.state })).parts)).toEqual([
      'news: unchanged',
      'other: unchanged',
    ]);
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
