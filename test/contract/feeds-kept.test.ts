import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { atomFeed, readAll, rssFeed, titlesOf } from './feeds.ts';

const item = (title: string, more = '') =>
  `<item>${more}<title>${title}</title><link>https://site.example/${title}</link></item>`;
const AFTER = item('b') + item('c');

describe('a mistake in one item costs no other one', () => {
  test.each([
    ['a line break that is not closed', item('a', '<description>x<br>y</description>')],
    ['an element that is not closed', item('a', '<media:content url="https://site.example/x.jpg">')],
    ['a field that is not closed', item('a', '<enclosure url="x"><category>y<guid>z')],
    [
      'an end tag that is misspelled',
      '<item><guid>x</guyd><title>a</titel><link>https://site.example/a</link></item>',
    ],
    ['tags in other letters', '<ITEM><Title>a</TITLE></Item>'],
    ['a paragraph that is not closed', item('a', '<description><p>x</description>')],
    ['a quote that is not closed', item('a', '<media:content url="https://site.example/x.jpg>')],
    ['a section that is not closed', item('a', '<description><![CDATA[x</description>')],
    ['a comment that is not closed', item('a', '<!-- x')],
    ['an item that is not closed', '<item><title>a</title>'],
    ['a tag that is not there', item('a', 'x < y <')],
    ['an end tag too many', item('a', '</description></p>')],
    ['an ampersand', item('a', '<description>x & y &nbsp &foo;</description>')],
    ['an attribute twice', item('a', '<media:content url="x" url="y"/>')],
    ['a control character', item('a', '<description>\u0000\u0008</description>')],
    ['a link that is no link', item('a', '<link>::::</link>')],
  ])('%s', (_name, broken) => {
    const ends = '<!-- closed --><description><![CDATA[closed]]></description><enclosure url="closed"/>';
    expect(titlesOf(rssFeed(broken + AFTER))).toEqual(['a', 'b', 'c']);
    expect(titlesOf(rssFeed(broken + item('b', ends) + item('c')))).toEqual(['a', 'b', 'c']);
  });

  test('what a mistake is in is read as far as possible', () => {
    const { items } = readAll(
      rssFeed(
        '<item><media:content url="https://site.example/x.jpg><title>a</title><description><![CDATA[<p>x &amp; y</p></description><link>https://site.example/a</link></item>',
      ),
    );
    expect(items).toMatchObject([{ title: 'a', summary: 'x & y', link: 'https://site.example/a' }]);
  });

  test('fields that are not closed do not contain the next ones', () => {
    const { items } = readAll(
      rssFeed(
        '<item><category>x<enclosure url="https://site.example/a.mp3" type="audio/mpeg"><title>a</titel><link>https://site.example/a</link><media:thumbnail url="y"><description>d</description></item>',
      ),
    );
    expect(items).toMatchObject([
      { title: 'a', summary: 'd', link: 'https://site.example/a', audioUrl: 'https://site.example/a.mp3' },
    ]);
  });

  test('items that were not closed are counted', () => {
    const feed = readAll(rssFeed(`<item><title>a</title>${item('b', '<!-- x')}${item('c')}`));
    expect(feed.unclosed).toBe(2);
    expect(readAll(rssFeed(item('a') + AFTER)).unclosed).toBe(0);
  });

  test('an item that cannot be read is rejected with its reason, and the rest is kept', () => {
    const deep = `<description>${'<div>'.repeat(4_000)}x${'</div>'.repeat(4_000)}</description>`;
    const large = `<description>${'x'.repeat(3 * 1024 ** 2)}</description>`;
    const many = `<description>${'<i/>'.repeat(50_000)}</description>`;
    const feed = readAll(rssFeed(item('deep', deep) + item('large', large) + item('many', many) + AFTER));
    expect(feed.rejected.map(({ reason, detail }) => `${detail}: ${reason}`)).toEqual([
      'item 1: too_deep',
      'item 2: too_large',
      'item 3: too_large',
    ]);
    expect(feed.items.map(({ title }) => title)).toEqual(['b', 'c']);
  });
});

describe('every item counts once', () => {
  test('what a section or a comment quotes is no item', () => {
    const quoted = `<![CDATA[<pre>${item('x')}</pre>]]>`;
    expect(
      titlesOf(rssFeed(`<!-- ${item('x')} -->${item('a', `<description>${quoted}</description>`)}`)),
    ).toEqual(['a']);
  });

  test('also when the end of a comment is missing', () => {
    expect(titlesOf(rssFeed(`<!-- x${item('a')}<!-- y -->${item('b')}`))).toEqual(['a', 'b']);
    expect(titlesOf(rssFeed(`<!-- x${item('a')}${item('b')}`))).toEqual(['a', 'b']);
  });

  test('any feed is read, rejected or left out completely', () => {
    const mistake = fc.constantFrom(
      '',
      '<br>',
      '<p>',
      '</p>',
      '<![CDATA[x',
      '<![CDATA[x]]>',
      '<!-- x -->',
      '<a href="x>',
      'x < y',
      '&x',
      '<media:content url="y">',
    );
    fc.assert(
      fc.property(fc.array(mistake, { maxLength: 20 }), fc.boolean(), (mistakes, isAtom) => {
        const items = mistakes.map((each, index) =>
          item(String(index), `<description>${each}</description>`),
        );
        const text = items.join('');
        const feed = readAll(isAtom ? atomFeed(text.replaceAll('item>', 'entry>')) : rssFeed(text), 10);
        expect(feed.items.length + feed.rejected.length + feed.leftOut).toBe(mistakes.length);
        expect(feed.items.map(({ title }) => title)).toEqual(
          mistakes.slice(0, 10).map((_each, index) => String(index)),
        );
      }),
    );
  });
});

test('one byte that is no UTF-8 is one U+FFFD, and changes no other item', () => {
  const feed = Buffer.from(rssFeed(item('Été') + item('X') + item('Dàgbé')));
  feed[feed.indexOf('>X<') + 1] = 0xe9;
  const read = readAll(feed);
  expect(read.items.map(({ title }) => title)).toEqual(['Été', '\uFFFD', 'Dàgbé']);
  // In the title and in the link.
  expect(read.invalidSequences).toBe(1);
});
