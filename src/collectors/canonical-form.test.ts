import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalUrl, normalisedText } from './canonical-form.ts';

describe('canonicalUrl', () => {
  test.each([
    ['https://site.example/a#xtor=RSS-3-[lestitres]', 'https://site.example/a'],
    ['https://site.example/a?xtor=RSS-3&id=7', 'https://site.example/a?id=7'],
    ['https://site.example/a?id=7&utm_source=feed&UTM_medium=x', 'https://site.example/a?id=7'],
    ['https://site.example/a?utm%5Fsource=feed', 'https://site.example/a'],
    ['https://site.example/a?utm_source', 'https://site.example/a'],
    ['https://site.example/a?fbclid=x&id=7&gclid=y&mc_cid=z&mc_eid=e', 'https://site.example/a?id=7'],
    ['https://site.example/a?id=7&at_medium=RSS&at_campaign=KARANGA', 'https://site.example/a?id=7'],
    ['https://site.example/a?mtm_campaign=x&pk_kwd=y&_hsenc=z&MSCLKID=1', 'https://site.example/a'],
    [
      'https://site.example/a?ref=main&source=2&campaign=3&page=4',
      'https://site.example/a?ref=main&source=2&campaign=3&page=4',
    ],
    ['https://site.example/a?utmost=1&xtors=2', 'https://site.example/a?utmost=1&xtors=2'],
    ['https://SITE.example:443/A?b=%20c+d&&e', 'https://site.example/A?b=%20c+d&&e'],
    ['https://user:word@site.example/?', 'https://site.example/'],
    ['https://site.example/??', 'https://site.example/??'],
  ])('of %s is %s', (url, canonical) => {
    expect(canonicalUrl(url)).toBe(canonical);
  });

  test('is its own canonical form', () => {
    fc.assert(
      fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), (url) => {
        expect(canonicalUrl(canonicalUrl(url))).toBe(canonicalUrl(url));
      }),
      { examples: [['http://a.aa??']] },
    );
  });

  test('must be absolute', () => {
    expect(() => canonicalUrl('/a')).toThrow('Invalid URL');
  });
});

describe('a text', () => {
  test('is the same however its letters are composed and its lines are broken', () => {
    expect(normalisedText('  De\u0301ja\u0300\u00A0 vu\r\n\tici ')).toBe('Déjà vu ici');
  });

  test('is its own normalised form', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(normalisedText(normalisedText(text))).toBe(normalisedText(text));
      }),
    );
  });
});
