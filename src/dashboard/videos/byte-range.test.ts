import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseByteRange } from './byte-range.ts';

describe('the range that a request asks for', () => {
  test.each([
    ['bytes=0-9', { first: 0, last: 9 }],
    ['bytes=5-', { first: 5, last: 99 }],
    ['bytes=-7', { first: 93, last: 99 }],
    ['bytes=99-99', { first: 99, last: 99 }],
    ['bytes=3-99999', { first: 3, last: 99 }],
    // More than there is: the whole content (RFC 9110 §14.1.2).
    ['bytes=-99999', { first: 0, last: 99 }],
    ['bytes=-99999999999999999999999', { first: 0, last: 99 }],
    ['BYTES=0-1', { first: 0, last: 1 }],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=99999999999999999999999-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=5-2', undefined],
    ['bytes=-', undefined],
    ['bytes=1x-2', undefined],
    ['bytes=0-1,5-6', undefined],
    ['items=0-1', undefined],
    ['bytes 0-1', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j of 100 bytes', (header, range) => {
    expect(parseByteRange(header, 100)).toEqual(range);
  });

  test.each([
    ['bytes=0-', 'unsatisfiable'],
    ['bytes=-5', 'unsatisfiable'],
    [undefined, undefined],
  ])('%j of an empty content', (header, range) => {
    expect(parseByteRange(header, 0)).toEqual(range);
  });

  test('is always within the content', () => {
    const number = fc.option(fc.nat({ max: 1_000 }), { nil: '' });
    fc.assert(
      fc.property(number, number, fc.nat({ max: 500 }), (first, last, size) => {
        const range = parseByteRange(`bytes=${String(first)}-${String(last)}`, size);
        if (range === undefined || range === 'unsatisfiable') return;
        expect(range.first).toBeGreaterThanOrEqual(0);
        expect(range.last).toBeGreaterThanOrEqual(range.first);
        expect(range.last).toBeLessThan(size);
      }),
    );
  });
});
