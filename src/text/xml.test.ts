import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { load } from 'cheerio';
import { xml, xmlDocument } from './xml.ts';

describe('xml', () => {
  test.each([
    [`<script>"&'`, '&lt;script&gt;&quot;&amp;&apos;'],
    [']]>', ']]&gt;'],
    ['a\u0000b\u0008c\u001Fd\uFFFEe\uFFFFf', 'abcdef'],
    ['tab\tline\nreturn\r', 'tab\tline\nreturn\r'],
    ['half \uD83D pair', 'half \uFFFD pair'],
    ['whole 😀 pair', 'whole 😀 pair'],
  ])('%j becomes %j', (text, escaped) => {
    expect(xml`<a>${text}</a>`.markup).toBe(`<a>${escaped}</a>`);
    expect(xml`<a b="${text}"/>`.markup).toBe(`<a b="${escaped}"/>`);
  });

  test('joins lists, leaves out undefined, keeps markup of its own', () => {
    expect(xml`<a>${[xml`<b/>`, 'c', 1]}${undefined}</a>`.markup).toBe('<a><b/>c1</a>');
  });

  test('any text is read back as it was, without what XML cannot have', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const readBack = load(xmlDocument(xml`<a>${text}</a>`), { xml: true })('a').text();
        const expected = text
          .toWellFormed()
          .replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '');
        expect(readBack).toBe(expected);
      }),
    );
  });
});
