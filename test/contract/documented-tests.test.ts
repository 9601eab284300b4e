import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SOURCE_PATH = /`((?:src|test|local|docs|bench)\/[^`\s]+)`/g;

test.each(['docs/dev/faults.md', 'docs/dev/guarantees.md'])('every path in %s exists', (page) => {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8');
  const paths = [...new Set(text.matchAll(SOURCE_PATH).map(([, path = '']) => path))];
  expect(paths.length).toBeGreaterThan(10);
  expect(paths.filter((path) => globSync(path, { cwd: ROOT }).length === 0)).toEqual([]);
});

test('docs/dev/guarantees.md names no test by another path', () => {
  const text = readFileSync(new URL('../../docs/dev/guarantees.md', import.meta.url), 'utf8');
  const tests = text.matchAll(/`([^`\s]+\.test\.ts)`/g).map(([, path = '']) => path);
  expect(tests.filter((path) => !/^(src|test)\//.test(path)).toArray()).toEqual([]);
});
