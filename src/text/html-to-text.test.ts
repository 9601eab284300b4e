import process from 'node:process';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { htmlToText } from './html-to-text.ts';

const words = (html: string, isTitle = false) => htmlToText(html, { isTitle }).replace(/\s+/g, ' ').trim();

describe('htmlToText', () => {
  test.each([
    ['a plain text', 'Fish & chips', 'Fish & chips'],
    ['entities, decoded once', 'R&eacute;sum&eacute; &amp;amp; &#8217;', 'Résumé &amp; ’'],
    [
      'an address with an entity’s name',
      'https://site.example/?a=1&copy=2',
      'https://site.example/?a=1&copy=2',
    ],
    ['elements', 'L’<b>été</b>, <a href="/x">ici</a>', 'L’été, ici'],
    ['blocks as spaces', '<p>One</p><p>Two<br/>Three</p><ul><li>a<li>b</ul>', 'One Two Three a b'],
    ['escaped tags as text', '<p>Use &lt;video&gt; tag</p>', 'Use <video> tag'],
    ['scripts and styles as nothing', 'a<script>if (x < 1) y()</script><STYLE>b{}</Style >b', 'ab'],
    ['comments as nothing', 'a<!-- <p>no</p> -->b<!-->c', 'abc'],
    ['an escaped CDATA section', '<![CDATA[<p>a</p>]]>', 'a'],
    ['declarations as nothing', '<?xml version="1.0"?><!DOCTYPE html>a', 'a'],
    ['tags in quotes', '<img alt="a > b" title=\'<c>\'>d', 'd'],
    ['quotes that are not in pairs', '<a href="x"">y</a>', 'y'],
    ['elements of word processors', 'a<o:p></o:p>b', 'ab'],
    ['elements of one’s own', '<my-box id="x">a</my-box>', 'a'],
    ['a comparison', 'si a<b alors c', 'si a<b alors c'],
    ['two comparisons', 'si a<b alors c>d', 'si a<b alors c>d'],
    ['hearts', 'I <3 you', 'I <3 you'],
    [
      'type parameters',
      'List<String> and Map<K, V> and std::vector<std::string>',
      'List<String> and Map<K, V> and std::vector<std::string>',
    ],
    ['a tag that is cut off', 'the end <a href="https://site', 'the end <a href="https://site'],
    ['a comment that is cut off', 'the end <!-- no', 'the end <!-- no'],
    ['an element a text is about', 'Use the <video> tag', 'Use the <video> tag'],
    ['a script without end', 'a<script>b', 'a<script>b'],
  ])('reads %s', (_name, html, text) => {
    expect(words(html)).toBe(text);
  });

  test.each([
    ['The <b>new</b> one<br>', 'The new one'],
    ['How to use <script> and </script>', 'How to use <script> and </script>'],
    ['The <b> element', 'The <b> element'],
    ['<img src="x.png"> A picture', 'A picture'],
  ])('reads the title %s', (html, text) => {
    expect(words(html, true)).toBe(text);
  });

  test('keeps every text that has no markup', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('ab <> 3=/"\'-!?é')) }), (text) => {
        fc.pre(!/<[/!?]|<[ab]/.test(text));
        expect(htmlToText(text)).toBe(text);
      }),
    );
  });

  test('keeps the text between any tags', () => {
    const tag = fc.constantFrom(
      '<p>',
      '</p>',
      '<b class="x">',
      '<br/>',
      '<div>',
      '<i title="<">',
      '</li>',
      '<p hidden>',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(tag, fc.constant('text'))), (parts) => {
        const read = htmlToText(parts.join('')).replaceAll(' ', '');
        expect(read).toBe('text'.repeat(parts.filter((part) => part === 'text').length));
      }),
    );
  });
});

test.each([
  ['nested elements', '<div>'],
  ['line breaks', '<br>'],
  ['beginnings of tags', '<a '],
  ['open quotes', '<a "="'],
  ['both quotes', `<a "<b '<a '<b "`],
  ['open comments', '<!--'],
  ['open declarations', '<!a'],
  ['hidden elements without end', '<script>'],
  ['ampersands', '&'],
])('250 kB of %s are read in linear time', (_name, unit) => {
  const html = `</script>${unit.repeat(250_000 / unit.length)}`;
  const before = process.cpuUsage().user;
  htmlToText(html);
  // Of the processor: linear time takes some 50 ms, quadratic time minutes.
  expect((process.cpuUsage().user - before) / 1_000).toBeLessThan(1_000);
});
