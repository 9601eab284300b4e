/** A small text of foreign origin that takes long to read; `keeps the rest`: the item after the broken one must be read. */
export type SlowInput = readonly [name: string, body: () => string | Buffer, keepsRest?: 'keeps the rest'];

export const item = (content: string, more = '') =>
  `<item><title>T</title><guid>1</guid><link>https://a.example/1</link>${content}</item>${more}`;
const LAST = '<item><title>The last one</title><guid>last</guid><link>https://a.example/last</link></item>';
export const feed = (items: string) =>
  `<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>F</title>${items}</channel></rss>`;
const nested = (tag: string, depth: number) => `<${tag}>`.repeat(depth) + 'x' + `</${tag}>`.repeat(depth);
const cdata = (text: string) => `<description><![CDATA[${text}]]></description>`;

const FEEDS: readonly SlowInput[] = [
  [
    'an author of 2.8 kB',
    () => feed(item(`<author>${'@('.repeat(700)}${'('.repeat(1400)}</author>`, LAST)),
    'keeps the rest',
  ],
  ['an author of 1 MB', () => feed(item(`<author>${'@'.repeat(1e6)} x</author>`, LAST)), 'keeps the rest'],
  [
    '4,000 nested elements in a description',
    () => feed(item(cdata(nested('div', 4000)), LAST)),
    'keeps the rest',
  ],
  [
    '200,000 nested elements in a description',
    () => feed(item(cdata(nested('b', 200_000)), LAST)),
    'keeps the rest',
  ],
  ['10,000 line breaks', () => feed(item(cdata('<br>'.repeat(10_000)), LAST)), 'keeps the rest'],
  ['300,000 line breaks', () => feed(item(cdata('<br>'.repeat(300_000)), LAST)), 'keeps the rest'],
  ['200,000 opened brackets', () => feed(item(cdata('<'.repeat(200_000)), LAST)), 'keeps the rest'],
  ['200,000 opened comments', () => feed(item(cdata('<!--'.repeat(200_000)), LAST)), 'keeps the rest'],
  [
    '200,000 entities',
    () => feed(item(`<description>${'&amp;lt;'.repeat(200_000)}</description>`, LAST)),
    'keeps the rest',
  ],
  ['a link of 1 MB', () => feed(item(`<link>https://a.example/${'#xtor='.repeat(160_000)}\n</link>`, LAST))],
  ['a date of 1 MB', () => feed(item(`<pubDate>${' 1'.repeat(500_000)}</pubDate>`, LAST)), 'keeps the rest'],
  [
    'a date of blanks',
    () => feed(item(`<pubDate>1${' '.repeat(1_000_000)}x</pubDate>`, LAST)),
    'keeps the rest',
  ],
  [
    'a duration of digits',
    () => feed(item(`<itunes:duration>${'1:'.repeat(300_000)}</itunes:duration>`, LAST)),
  ],
  ['100,000 nested XML elements', () => feed(item(nested('x', 100_000), LAST))],
  [
    '50,000 attributes',
    () => feed(item(`<x ${Array.from({ length: 50_000 }, (_, n) => `a${String(n)}="1"`).join(' ')}/>`, LAST)),
  ],
  ['50,000 items', () => feed(item('').repeat(50_000))],
  [
    '20,000 enclosures',
    () => feed(item('<enclosure url="https://a.example/a.mp3" type="audio/mpeg"/>'.repeat(20_000), LAST)),
  ],
  ['items that are never closed', () => feed('<item><title>'.repeat(100_000))],
  [
    'declared entities that multiply',
    () =>
      `<!DOCTYPE rss [<!ENTITY a "${'x'.repeat(1000)}"><!ENTITY b "${'&a;'.repeat(1000)}"><!ENTITY c "${'&b;'.repeat(1000)}">]>${feed(item('<description>&c;</description>', LAST))}`,
  ],
  [
    'JSON, nested 200,000 times',
    () =>
      `{"version":"https://jsonfeed.org/version/1.1","items":${'['.repeat(200_000)}${']'.repeat(200_000)}}`,
  ],
  ['end tags alone', () => '</rss'.repeat(200_000)],
  ['blanks', () => ' '.repeat(4_000_000)],
];

export const html = (content: string) =>
  `<!doctype html><html><head><title>T</title></head><body>${content}</body></html>`;
const PAGES: readonly SlowInput[] = [
  ['100,000 nested elements', () => html(nested('div', 100_000))],
  ['100,000 line breaks', () => html(`<h1>T</h1><div class="text">${'<br>'.repeat(100_000)}</div>`)],
  ['100,000 paragraphs that are not closed', () => html('<p>text'.repeat(100_000))],
  ['20,000 tables in each other', () => html('<table><tr><td>'.repeat(20_000))],
  ['50,000 misplaced elements of a table', () => html(`<table>${'<b>x'.repeat(50_000)}</table>`)],
  ['50,000 links that are not closed', () => html('<a href="x"><p>'.repeat(50_000))],
  ['50,000 formats that are not closed', () => html('<b><i><u>'.repeat(50_000) + '<p>'.repeat(1000))],
  [
    'JSON-LD, nested 200,000 times',
    () => html(`<script type="application/ld+json">${'['.repeat(200_000)}${']'.repeat(200_000)}</script>`),
  ],
  [
    'broken JSON-LD',
    () =>
      html(
        `<script type="application/ld+json">{"@type":"Article","headline":"${'\\"'.repeat(300_000)}</script>`,
      ),
  ],
  [
    '20,000 blocks of JSON-LD',
    () => html('<script type="application/ld+json">{"@type":"Article"}</script>'.repeat(20_000)),
  ],
  [
    'a directive of blanks',
    () => `<meta name="robots" content="noindex${'\t'.repeat(500_000)}\u0000,x">${html('<h1>T</h1>')}`,
  ],
  ['opened comments', () => html('<!--'.repeat(300_000))],
  [
    '20,000 attributes',
    () => html(`<div ${Array.from({ length: 20_000 }, (_, n) => `a${String(n)}`).join(' ')}>`),
  ],
  ['a `meta` without an end', () => `<meta ${'charset '.repeat(200_000)}`],
];
const ROBOTS: readonly SlowInput[] = [
  ['a rule of stars', () => `User-agent: *\nDisallow: /${'*a'.repeat(100_000)}$`],
  ['100,000 rules', () => `User-agent: *\n${'Disallow: /*x*y*z$\n'.repeat(100_000)}`],
  ['blanks', () => `User-agent:${' '.repeat(400_000)}x\n`],
];

const TABLES: readonly SlowInput[] = [
  ['a quote that is never closed', () => `a,b\n"${'x,\n'.repeat(1_000_000)}`],
  ['2 MB of quotes', () => `a,b\n${'"'.repeat(2_000_000)}`],
  ['a single line of 4 MB', () => 'a,'.repeat(2_000_000)],
  ['delimiters of all kinds', () => `${',;\t|'.repeat(400_000)}\n1`],
  ['300,000 short lines', () => `a,b\n${'1,2\n'.repeat(300_000)}`],
  ['20,000 broken lines', () => `a,b\n${'1,"2\n'.repeat(20_000)}`],
  ['line ends alone', () => '\n'.repeat(2_000_000)],
  ['carriage returns', () => `a,b${'\r'.repeat(2_000_000)}`],
  ['dates of digits', () => `date,b\n${`${'1'.repeat(2000)} ,2\n`.repeat(1000)}`],
  ['no text', () => Buffer.alloc(4_000_000, 0x81)],
];

/** By what reads them. */
export const SLOW_INPUTS = { feeds: FEEDS, pages: PAGES, robots: ROBOTS, tables: TABLES } as const;
