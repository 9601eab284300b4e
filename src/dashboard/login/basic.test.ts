import { expect, test } from '@jest/globals';
import { parseBasic } from './basic.ts';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

test.each([
  [basic('ama:with:colon ü'), { user: 'ama', password: 'with:colon ü' }],
  [basic(':'), { user: '', password: '' }],
  [basic('ama:x').replace('Basic', 'bASIC'), { user: 'ama', password: 'x' }],
  [basic('no colon'), undefined],
  ['', undefined],
  ['Basic', undefined],
  ['Basic !!', undefined],
  ['Bearer YTpi', undefined],
  [`Basic ${'A'.repeat(10_000)}`, undefined],
])('%j', (header, expected) => {
  expect(parseBasic(header)).toEqual(expected);
});
