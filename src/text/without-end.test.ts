import { expect, test } from '@jest/globals';
import { withoutEnd } from './without-end.ts';

test.each([
  ['https://site.example//', '/', 'https://site.example'],
  ['name. . ', '. ', 'name'],
  ['///', '/', ''],
  ['', '/', ''],
  ['/a', '/', '/a'],
])('%j without %j at its end', (text, characters, expected) => {
  expect(withoutEnd(text, characters)).toBe(expected);
});
