import { expect, test } from '@jest/globals';
import { parseDuration } from './duration.ts';

test('parseDuration accepts seconds and clock times', () => {
  expect(['61', '01:01', '1:00:05', '12:34.5', ' 90 '].map(parseDuration)).toEqual([61, 61, 3605, 754, 90]);
  expect(['', '0', 'an hour', '-5', '1:2:3:4'].map(parseDuration)).toEqual(Array(5).fill(undefined));
});
