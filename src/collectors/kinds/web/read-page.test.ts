import { describe, expect, test } from '@jest/globals';
import { readPage, type PageRequest, type Wanted } from './read-page.ts';

const URL_OF_PAGE = 'https://site.example/news/a.html';
const ARTICLE: Wanted = { type: 'article' };

function read(html: string | Buffer, wanted: Wanted = ARTICLE, more: Partial<PageRequest> = {}) {
  const headers = { charset: undefined, robotsTag: '', tdmReservation: '' };
  return readPage(Buffer.from(html), { url: URL_OF_PAGE, wanted, ...headers, ...more });
}

const selected = (html: string, fields: Readonly<Record<string, string>>) =>
  read(html, { type: 'article', fields: { title: 'h1', ...fields } });

describe('the article of a page', () => {
  test('by selectors: visible text with spaces between blocks, content of meta elements', () => {
    const { articles, unmatched } = selected(
      `<meta name="author" content="A. B."><h1>One <b>t</b>wo</h1><time datetime="2026-03-01">today</time>
      <div class="x"><p>one</p><p>two<br>three</p><script>no</script></div><div class="x">four</div>`,
      { text: '.x', date: 'time', author: 'meta[name=author]' },
    );
    expect(unmatched).toEqual([]);
    expect(articles[0]).toMatchObject({ title: 'One two\n', date: '2026-03-01', author: 'A. B.\n' });
    expect(articles[0]?.text.replaceAll(/\s+/g, ' ').trim()).toBe('one two three four');
  });

  test('an element within a selected one is not repeated', () => {
    const { articles } = selected('<h1>T</h1><div>a<div>b<div>c</div></div></div>', { text: 'div' });
    expect(articles[0]?.text.replaceAll(/\s+/g, '')).toBe('abc');
  });

  test('a text that its selector does not find is taken from JSON-LD or what reads like an article', () => {
    const body = `<article><p>${'A long sentence about something, with commas, and more. '.repeat(10)}</p></article>`;
    const readable = selected(`<h1>T</h1>${body}`, { text: '.gone' });
    expect(readable.articles[0]?.text).toContain('A long sentence');
    expect(readable.unmatched).toEqual(['`.gone` matches nothing']);
    const data =
      '<script type="application/ld+json">{"@type":"Article","headline":"H","articleBody":"B"}</script>';
    expect(selected(`<h1>T</h1>${data}${body}`, { text: '.gone' }).articles[0]?.text).toBe('B');
  });

  test('of a page that describes none is what reads like one', () => {
    const paragraph = '<p>Le marché a ouvert ce matin, avec du poisson, des fruits et du monde.</p>';
    const { articles, unmatched } = read(
      `<html lang="fr"><title>Le marché</title><nav><a href="/">Accueil</a></nav><main>${paragraph.repeat(5)}</main></html>`,
    );
    expect(unmatched).toEqual([]);
    expect(articles[0]).toMatchObject({
      title: 'Le marché',
      language: 'fr',
      text: expect.stringContaining('poisson'),
    });
    expect(articles[0]?.text).not.toContain('Accueil');
  });

  test('is the one that the JSON-LD says is of this page', () => {
    const article = (url: string, headline: string) => ({
      '@type': 'Article',
      url,
      headline,
      articleBody: 'B',
    });
    const graph = { '@graph': [article('/news/other.html', 'Other'), article('/news/a.html', 'This')] };
    const html = `<script type="application/ld+json">${JSON.stringify(graph)}</script>`;
    expect(read(html).articles[0]?.title).toBe('This');
  });

  test('has its date from JSON-LD, Open Graph or microdata', () => {
    const body = `<h1>T</h1><p>${'A long sentence about something, with commas. '.repeat(10)}</p>`;
    const dateOf = (head: string) => read(`${head}${body}`).articles[0]?.date;
    expect(dateOf('<meta property="article:published_time" content="2026-03-01">')).toBe('2026-03-01');
    expect(dateOf('<time itemprop="datePublished" datetime="2026-03-02">x</time>')).toBe('2026-03-02');
    expect(dateOf('')).toBe('');
  });

  test('of a page without any text is none, and the page is described', () => {
    const { articles, unmatched, description } = read('<title>Empty</title>');
    expect(articles[0]?.text).toBe('');
    expect(unmatched).toHaveLength(1);
    expect(description).toContain('“Empty”');
  });
});

describe('selectors that match nothing', () => {
  const list = `<title>Today</title>${'<li class="card big"><h2 class="card__title"><a href="a">A</a></h2></li>'.repeat(3)}`;

  test.each<[Wanted, string]>([
    [{ type: 'links', link: '.gone a' }, '`.gone a` matches no link'],
    [{ type: 'items', item: '.gone', fields: { title: 'h2' } }, '`.gone` matches nothing'],
    [{ type: 'items', item: 'li', fields: { title: '.gone' } }, '`.gone` matches nothing'],
    [{ type: 'article', fields: { title: '.gone' } }, '`.gone` matches nothing'],
    [{ type: 'json-ld' }, 'There is no JSON-LD of an article'],
  ])('%j: the message has the selector and what the page has', (wanted, problem) => {
    const { unmatched, description } = read(list, wanted);
    expect(unmatched).toEqual([problem]);
    expect(description).toBe(
      'The page “Today” has h1: none; elements: li.card ×3, h2.card__title ×3; 3 links: h2.card__title > a ×3.',
    );
  });

  test('the description is short, whatever the page has', () => {
    const many = Array.from(
      { length: 5000 },
      (_, index) => `<h2 class="${'x'.repeat(500)}${String(index)}">`,
    );
    const { description } = read(`<title>${'t'.repeat(5000)}</title>${many.join('</h2>')}`, {
      type: 'links',
      link: 'a',
    });
    expect(description.length).toBeLessThan(500);
  });
});

describe('a page', () => {
  test('has absolute links without duplicates, and its canonical URL', () => {
    const html = `<base href="/b/"><link rel="canonical" href="/c"><p><a href="x"></a></p><a href="x"></a>
      <a href="mailto:a@b.example"></a><a href=" https://other.example/y "></a>`;
    const { links, canonical } = read(html, { type: 'links', link: 'p, a' });
    expect(links).toEqual(['https://site.example/b/x', 'https://other.example/y']);
    expect(canonical).toBe('https://site.example/c');
  });

  test.each([
    ['Content-Type', Buffer.from('<h1>Déjà</h1>', 'latin1'), 'iso-8859-1'],
    ['meta charset', Buffer.from('<meta charset=iso-8859-1><h1>Déjà</h1>', 'latin1'), undefined],
    [
      'meta content',
      Buffer.from(
        '<meta http-equiv="Content-Type" content="text/html; charset=windows-1252"><h1>Déjà</h1>',
        'latin1',
      ),
      undefined,
    ],
    ['nothing', Buffer.from('<h1>Déjà</h1>'), undefined],
    [
      'one bad byte',
      Buffer.concat([Buffer.from('<h1>Déjà</h1><p>é'), Buffer.from([0xe9]), Buffer.from('é')]),
      'utf-8',
    ],
  ])('is decoded as %s says', (_case, html, charset) => {
    const { articles } = read(html, { type: 'article', fields: { title: 'h1' } }, { charset });
    expect(articles[0]?.title.trim()).toBe('Déjà');
  });

  test('can be passed between threads as it is read', () => {
    const reading = read('<h1>T</h1>', { type: 'article', fields: { title: 'h1', text: '.x' } });
    expect(structuredClone(reading)).toEqual(reading);
  });

  test.each([
    ['deep elements', '<div>'.repeat(100_000)],
    ['deep inline elements', '<b>'.repeat(1000)],
    ['very many elements', '<br>'.repeat(150_000)],
    [
      'few tags that make many elements',
      `<p>${Array.from({ length: 450 }, (_, index) => `<font size=${String(index)}>`).join('')}${'<p>x'.repeat(5000)}`,
    ],
  ])('with %s is refused', (_case, html) => {
    expect(() => read(html)).toThrow(expect.objectContaining({ errorClass: 'too_complex' }));
  });

  test.each([
    ['deep', `${'<div>'.repeat(400)}<p>${'Some words, and more. '.repeat(50)}</p>`],
    ['of many line breaks', `<p>${'word <br>'.repeat(10_000)}</p>`],
    ['of many selected elements in each other', `${'<div>'.repeat(400)}${'<p>word</p>'.repeat(2000)}`],
  ])('that is %s is read', (_case, html) => {
    expect(selected(`<h1>T</h1>${html}`, { text: 'div, p' }).articles[0]?.text).toContain('ord');
  });

  test('with very many links keeps 10,000', () => {
    const html = Array.from({ length: 12_000 }, (_, index) => `<a href="${String(index)}">`).join('</a>');
    expect(read(html, { type: 'links', link: 'a' })).toMatchObject({ leftOut: 2000, unmatched: [] });
  });
});
