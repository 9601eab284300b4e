import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matchesPattern } from './name-filter.ts';

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
