import { expect, test } from '@jest/globals';
import { parseConcurrency } from './concurrency.ts';

test('a list of queues and numbers is read', () => {
  expect(parseConcurrency('download=4, upload=8')).toEqual({ download: 4, upload: 8 });
});

test.each([
  '',
  'download',
  'download=',
  'download=0',
  'download=-1',
  'download=1.5',
  'download=999',
  'transcode=2',
])('%j is refused with exit code 2', (text) => {
  expect(() => parseConcurrency(text)).toThrow(expect.objectContaining({ exitCode: 2 }));
});
