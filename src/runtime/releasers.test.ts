import { expect, test } from '@jest/globals';
import { createSilentLogger } from './logger.ts';
import { Releasers } from './releasers.ts';

test('closes in reverse order; one that fails or hangs does not keep the others open', async () => {
  const closed: string[] = [];
  const releasers = new Releasers(createSilentLogger(), 20);
  releasers.add('first', () => Promise.resolve(closed.push('first')));
  releasers.add('hanging', () => new Promise(() => undefined));
  releasers.add('failing', () => Promise.reject(new Error('away')));
  releasers.add('last', () => Promise.resolve(closed.push('last')));
  await releasers.releaseAll();
  expect(closed).toEqual(['last', 'first']);
});
