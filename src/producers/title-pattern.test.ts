import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matchesAny, matchesPattern, MAX_PATTERN_LENGTH } from './title-pattern.ts';

describe('a pattern of titles', () => {
  test.each([
    ['Fon lesson 12', 'LESSON', true],
    ['Fon lesson 12', 'fon*12', true],
    ['Fon lesson 12', 'lesson ??', true],
    ['Fon lesson 1', 'lesson ??', false],
    ['Fon lesson 12', 'trailer', false],
    ['Fon lesson 12', '*', true],
    ['', '*', true],
    ['', '?', false],
    ['a+b (c) [d]', '+b (c) [', true],
    ['Été à Cotonou', 'e\u0301te\u0301', true],
    ['FULL WIDTH ＡＢＣ', 'abc', true],
    ['😀 smile', '? smile', true],
    ['aXbXc', 'a*b*c*d', false],
  ])('%j and %j: %s', (title, pattern, expected) => {
    expect(matchesPattern(title, pattern)).toBe(expected);
  });

  test('no pattern matches nothing; one of several is enough', () => {
    expect(matchesAny('x', [])).toBe(false);
    expect(matchesAny('Fon lesson', ['trailer', 'less'])).toBe(true);
  });

  const letters = fc
    .array(fc.constantFrom('a', 'b', '*', '?'), { maxLength: 12 })
    .map((list) => list.join(''));
  const title = fc.array(fc.constantFrom('a', 'b'), { maxLength: 12 }).map((list) => list.join(''));

  test('it says the same as the regular expression that a person would write', () => {
    fc.assert(
      fc.property(title, letters, (text, pattern) => {
        const expression = new RegExp(pattern.replaceAll('*', '.*').replaceAll('?', '.'), 'su');
        expect(matchesPattern(text, pattern)).toBe(expression.test(text));
      }),
    );
  });

  test('the worst pattern takes no more than the product of both lengths', () => {
    // A regular expression of this form would not end in a lifetime.
    const pattern = `${'*a'.repeat(MAX_PATTERN_LENGTH / 2 - 1)}*b`;
    expect(matchesPattern('a'.repeat(100_000), pattern)).toBe(false);
  });
});
