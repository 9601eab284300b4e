import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { filteredPages, matchesPattern } from './name-filter.ts';

test.each([
  ['*', 'any/name', true],
  ['*.mp3', 'audio/x.mp3', true],
  ['*.mp3', 'audio/x.mp3.part', false],
  ['audio/*/x?.mp3', 'audio/youtube/x😀.mp3', true],
  ['audio/*', 'other/audio/x', false],
  ['a*b*c', 'a-b-b-c', true],
  ['a*b*c', 'a-c-b', false],
  ['', '', true],
  ['', 'a', false],
  ['[a].(b)+', '[a].(b)+', true],
])('%j matches %j: %j', (pattern, name, expected) => {
  expect(matchesPattern(pattern, name)).toBe(expected);
});

test('what is made from audio objects, and what waits to become one, is in no listing of the mirror, whatever the filter', async () => {
  const names = [
    'audio/youtube/x.mp3',
    'peaks/youtube/x.json',
    'covers/0.jpg',
    'snapshots/1',
    'peak',
    'staging/x',
  ];
  const page = names.map((name) => ({ name, sizeBytes: 1, etag: 'e', lastModified: new Date(0) }));
  const listed = async (filter: Parameters<typeof filteredPages>[1]) => {
    const pages = filteredPages(Readable.from([page]), filter);
    return (await Array.fromAsync(pages)).flat().map(({ name }) => name);
  };
  expect(await listed({})).toEqual(['audio/youtube/x.mp3', 'snapshots/1', 'peak']);
  expect(await listed({ include: ['peaks/*', 'staging/*'] })).toEqual([]);
});

test('agrees with a regular expression', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '?'), maxLength: 8 });
  fc.assert(
    fc.property(text, text, (pattern, name) => {
      const expression = pattern.replaceAll('*', '[^]*').replaceAll('?', '[^]').replaceAll('/', '\\/');
      expect(matchesPattern(pattern, name)).toBe(new RegExp(`^${expression}$`, 'u').test(name));
    }),
    { numRuns: 500 },
  );
});

test('a pattern made to take long does not', () => {
  const startedAt = performance.now();
  expect(matchesPattern('*a'.repeat(200), 'a'.repeat(1023) + 'b')).toBe(false);
  expect(performance.now() - startedAt).toBeLessThan(1000);
});
