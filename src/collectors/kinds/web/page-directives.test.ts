import { expect, test } from '@jest/globals';
import { load } from 'cheerio';
import { directivesOf } from './page-directives.ts';

const NONE = { noIndex: false, noFollow: false, isReserved: false };
const of = (robotsTag: string, html = '', tdmReservation = '') =>
  directivesOf({ robotsTag, tdmReservation }, load(html));

test.each([
  ['noindex', { noIndex: true }],
  ['NoFollow, noarchive', { noFollow: true }],
  ['none', { noIndex: true, noFollow: true }],
  ['otherbot: noindex, nofollow', {}],
  ['otherbot: noindex, sonotheque: nofollow', { noFollow: true }],
  ['unavailable_after: 25 Jun 2026 15:00:00 PST, noindex', { noIndex: true }],
  [`${' '.repeat(50_000)}x`, {}],
  [`${'a-'.repeat(50_000)}:`, {}],
])('X-Robots-Tag %j', (header, expected) => {
  const begun = performance.now();
  expect(of(header)).toEqual({ ...NONE, ...expected });
  expect(performance.now() - begun).toBeLessThan(500);
});

test('meta elements for all robots and for this one', () => {
  expect(of('', '<meta name="ROBOTS" content="noindex ,follow">')).toMatchObject({ noIndex: true });
  expect(of('', '<meta name="Sonotheque" content="none">')).toMatchObject({ noFollow: true });
  expect(of('', '<meta name="googlebot" content="noindex">')).toEqual(NONE);
  expect(of('', `<meta name="robots" content="${' '.repeat(100_000)},noindex">`)).toMatchObject({
    noIndex: true,
  });
});

test('text and data mining', () => {
  expect(of('', '', ' 1 ')).toMatchObject({ isReserved: true });
  expect(of('', '<meta name="tdm-reservation" content="1">')).toMatchObject({ isReserved: true });
  expect(of('', '<meta name="tdm-reservation" content="0">')).toEqual(NONE);
});
