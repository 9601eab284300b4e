import { expect, test } from '@jest/globals';
import { Cleanups } from './cleanups.ts';

test('closes in reverse order; a failure or a hang does not keep the others open', async () => {
  const closed: string[] = [];
  const failed: string[] = [];
  const cleanups = new Cleanups((what) => failed.push(what), 20);
  cleanups.add('first', () => Promise.resolve(closed.push('first')));
  cleanups.add('hanging', () => new Promise(() => undefined));
  cleanups.add('failing', () => Promise.reject(new Error('away')));
  cleanups.add('last', () => Promise.resolve(closed.push('last')));
  await cleanups.runAll();
  expect(closed).toEqual(['last', 'first']);
  expect(failed).toEqual(['Closing failing', 'Closing hanging']);
});
