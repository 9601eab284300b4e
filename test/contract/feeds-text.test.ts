import { describe, expect, test } from '@jest/globals';
import { atomFeed, readAll, rssFeed } from './feeds.ts';

const inRss = (fields: string) => readAll(rssFeed(`<item>${fields}</item>`)).items[0];
const inAtom = (fields: string) => readAll(atomFeed(`<entry>${fields}</entry>`)).items[0];
const oneLine = (text: string | undefined) => text?.replaceAll(/\s+/g, ' ').trim();

describe('the text of RSS is kept', () => {
  test.each([
    ['markup in CDATA', '<![CDATA[<p>Use &lt;video&gt; tag</p>]]>', 'Use <video> tag'],
    ['escaped markup', '&lt;p&gt;Use &amp;lt;video&amp;gt; tag&lt;/p&gt;', 'Use <video> tag'],
    ['markup that is not escaped', '<p>One</p><p>Two<br>Three</p>', 'One Two Three'],
    ['plain text', 'One &amp; two', 'One & two'],
    ['text that is escaped twice', 'AT&amp;amp;T', 'AT&T'],
    ['entities of HTML', '&eacute;t&eacute; &#8211; &amp;eacute;t&amp;eacute;', 'été – été'],
    ['a comparison', 'si a&lt;b alors c', 'si a<b alors c'],
    ['a comparison that is not escaped', 'si a<b alors c', 'si a<b alors c'],
    ['type parameters', 'List&lt;String&gt;', 'List<String>'],
    ['a heart', 'I &lt;3 you', 'I <3 you'],
    ['a lone ampersand', 'Fish & chips', 'Fish & chips'],
    ['several sections', '<![CDATA[a]]> and <![CDATA[b]]>', 'a and b'],
    ['control characters of windows-1252', 'don\u0092t', 'don’t'],
  ])('%s', (_name, xml, text) => {
    expect(oneLine(inRss(`<description>${xml}</description>`)?.summary)).toBe(text);
  });

  test.each([
    ['si a&lt;b alors c', 'si a<b alors c'],
    ['The &lt;b&gt;new&lt;/b&gt; one', 'The new one'],
    ['What &lt;script&gt; and &lt;/script&gt; do', 'What <script> and </script> do'],
    ['<![CDATA[A &amp; B]]>', 'A & B'],
  ])('the title %s', (xml, title) => {
    expect(inRss(`<title>${xml}</title>`)?.title).toBe(title);
  });
});

describe('the text of Atom is what its type says (RFC 4287, section 3.1)', () => {
  test.each([
    ['type="text"', 'List&lt;String&gt; &amp;amp; &lt;p&gt;', 'List<String> &amp; <p>'],
    ['', 'List&lt;String&gt;', 'List<String>'],
    ['type="html"', '&lt;p&gt;Use &amp;lt;video&amp;gt; tag&lt;/p&gt;', 'Use <video> tag'],
    ['type="html"', '<![CDATA[<p>Less &lt; more</p>]]>', 'Less < more'],
    ['type="xhtml"', '<div xmlns="http://www.w3.org/1999/xhtml"><p>a &lt; b</p><p>c</p></div>', 'a < b c'],
    ['type="xhtml"', '<h:div xmlns:h="http://www.w3.org/1999/xhtml">a<h:script>no</h:script></h:div>', 'a'],
    ['type="text/html" mode="escaped"', '&lt;b&gt;a&lt;/b&gt;', 'a'],
    ['type="application/octet-stream"', Buffer.from('<b>é</b>').toString('base64'), 'é'],
    ['type="image/png"', Buffer.from([0x89, 0x50, 0xff, 0xfe]).toString('base64'), undefined],
  ])('%s: %s', (type, xml, text) => {
    expect(oneLine(inAtom(`<summary ${type}>${xml}</summary>`)?.summary)).toBe(text);
    expect(oneLine(inAtom(`<title ${type}>${xml}</title>`)?.title)).toBe(text);
  });
});

describe('of several elements for one field', () => {
  const all = [
    ['itunes:title', 'i'],
    ['media:title', 'm'],
    ['dc:title', 'd'],
    ['title', 'core'],
  ];
  test('that of RSS or Atom comes first, then Dublin Core, Media RSS and iTunes', () => {
    for (let count = all.length; count > 0; count -= 1) {
      const some = all.slice(0, count);
      const xml = some.map(([name = '', text = '']) => `<${name}>${text}</${name}>`).join('');
      expect([inRss(xml)?.title, inAtom(xml)?.title]).toEqual([some.at(-1)?.[1], some.at(-1)?.[1]]);
    }
  });

  test('an empty one does not count', () => {
    expect(inRss('<title> </title><title>a</title><media:title>b</media:title>')?.title).toBe('a');
    expect(inRss('<title/><media:title>b</media:title>')?.title).toBe('b');
  });

  test('the summary is the description and the body is content:encoded', () => {
    expect(
      inRss(
        '<media:description>m</media:description><itunes:summary>i</itunes:summary><content:encoded><![CDATA[<p>Body</p>]]></content:encoded><description>d</description>',
      ),
    ).toMatchObject({ summary: 'd', content: 'Body' });
    expect(inRss('<itunes:summary>i</itunes:summary><content:encoded>Body</content:encoded>')).toMatchObject({
      summary: undefined,
      content: 'Body',
    });
  });

  test('the texts of YouTube are found in media:group', () => {
    expect(
      inAtom(
        '<id>yt:video:1</id><title>T</title><link rel="alternate" href="https://video.example/1"/><media:group><media:title>M</media:title><media:description>What it is about &lt;3</media:description></media:group>',
      ),
    ).toMatchObject({ title: 'T', summary: 'What it is about <3', link: 'https://video.example/1' });
  });

  test('a namespace counts and not its prefix, unless it is not declared', () => {
    const item = (open: string) =>
      readAll(`<rss ${open}><channel><item><x:title>x</x:title><title>core</title></item></channel></rss>`);
    expect(item('xmlns:x="http://purl.org/dc/elements/1.1/"').items[0]?.title).toBe('core');
    expect(readAll('<rss><channel><item><dc:title>d</dc:title></item></channel></rss>').items[0]?.title).toBe(
      'd',
    );
    expect(
      readAll(
        '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:title>t</a:title></a:entry></a:feed>',
      ).items[0]?.title,
    ).toBe('t');
  });
});

test('links are resolved by xml:base, then by the page of the feed, then by its address', () => {
  const link = (xml: string) => readAll(xml).items[0]?.link;
  const entry = '<entry><link href="a"/></entry>';
  expect(
    link(`<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://base.example/x/">${entry}</feed>`),
  ).toBe('https://base.example/x/a');
  expect(link(`<feed><link href="https://page.example/p/"/>${entry}</feed>`)).toBe(
    'https://page.example/p/a',
  );
  expect(link(`<feed>${entry}</feed>`)).toBe('https://site.example/a');
  expect(link('<feed><entry xml:base="https://item.example/"><link href="a"/></entry></feed>')).toBe(
    'https://item.example/a',
  );
});
