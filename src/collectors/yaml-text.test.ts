import { describe, expect, test } from '@jest/globals';
import { readYaml } from './yaml-text.ts';

/** Each level stands for nine times the one before: 9^9 values in 500 characters. */
const BOMB = [
  'a0: &a0 [x, x, x, x, x, x, x, x, x]',
  ...Array.from({ length: 9 }, (_, level) => {
    const alias = `*a${String(level)}`;
    return `a${String(level + 1)}: &a${String(level + 1)} [${Array.from({ length: 9 }, () => alias).join(', ')}]`;
  }),
].join('\n');

describe('texts that cannot be read have a problem in one line', () => {
  test.each([
    ['an alias bomb', BOMB, /aliases .*write the values out/],
    ['an alias bomb of merged maps', `a: &a {k: 1}\nb: &b [${'*a, '.repeat(300)}*a]\nc: [*b, *b]`, /aliases/],
    ['an alias of nothing', 'a: *none', /none/],
    ['an alias within itself', 'a: &a [*a]', /within its own anchor/],
    [
      'an alias within a map within itself',
      'sources: &a\n  - id: x\n    more: {again: *a}',
      /within its own anchor/,
    ],
    ['deep lists', '['.repeat(20_000) + ']'.repeat(20_000), /nested|line 1/],
    [
      'deep maps',
      Array.from({ length: 3_000 }, (_, depth) => `${' '.repeat(depth)}k:`).join('\n'),
      /nested|deeply/,
    ],
    ['a tag without a value', '%YAML 9.9\n---\n- !<x', /line/],
  ])('%s', (_name, text, problem) => {
    const startedAt = performance.now();
    const { value, problems } = readYaml(text);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(value).toBeUndefined();
    expect(problems.join('\n')).toMatch(problem);
    expect(problems[0]).not.toContain('\n');
  });

  test('aliases that people write are read', () => {
    expect(readYaml('a: &a {x: 1}\nb: *a\nc: *a').value).toEqual({ a: { x: 1 }, b: { x: 1 }, c: { x: 1 } });
  });
});
