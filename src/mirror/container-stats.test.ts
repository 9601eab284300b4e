import { expect, test } from '@jest/globals';
import { addToStats, emptyStats } from './container-stats.ts';
import { formatStats } from './mirror-text.ts';
import { emptySummary } from './mirror-summary.ts';

const object = (name: string, change: object = {}) => ({
  ...{ name, sizeBytes: 1000, etag: 'e', lastModified: new Date('2026-01-02T00:00:00Z') },
  ...change,
});

test('counts by prefix and tier, hours, oldest and newest', () => {
  const stats = emptyStats();
  addToStats(stats, object('audio/youtube/a.mp3', { accessTier: 'Hot', metadata: { duration: '5400' } }));
  addToStats(stats, object('audio/youtube/b.mp3', { accessTier: 'Cool', metadata: { duration: '1800' } }));
  addToStats(stats, object('constructor', { accessTier: 'Hot', metadata: { duration: 'long' } }));
  addToStats(
    stats,
    object('audio/http/c.mp3', {
      lastModified: new Date('2025-01-01T00:00:00Z'),
      metadata: { duration: '-1' },
    }),
  );
  expect(stats).toEqual({
    ...{ count: 4, bytes: 4000, audioSeconds: 7200 },
    prefixes: {
      'audio/youtube/': { count: 2, bytes: 2000 },
      '/': { count: 1, bytes: 1000 },
      'audio/http/': { count: 1, bytes: 1000 },
    },
    tiers: {
      Hot: { count: 2, bytes: 2000 },
      Cool: { count: 1, bytes: 1000 },
      '(none)': { count: 1, bytes: 1000 },
    },
    oldest: { name: 'audio/http/c.mp3', at: new Date('2025-01-01T00:00:00Z') },
    newest: { name: 'audio/youtube/a.mp3', at: new Date('2026-01-02T00:00:00Z') },
  });
  const text = formatStats(stats, { ...emptySummary(), objects: 5, equal: 4, missing: 1 }, 'c');
  expect(text).toContain('Access tiers: Hot 2 (2.0 kB), Cool 1 (1.0 kB), (none) 1 (1.0 kB).');
  expect(text).toContain('Audio: 2.0 hours.');
  expect(text).toContain('Of 5 objects in the bucket 4 are mirrored, 1 are missing');
});

test('memory does not grow with the number of prefixes', () => {
  const stats = emptyStats();
  for (let index = 0; index < 5000; index += 1) addToStats(stats, object(`${String(index)}/x`));
  expect(Object.keys(stats.prefixes)).toHaveLength(101);
  expect(stats.prefixes['(others)']).toEqual({ count: 4900, bytes: 4_900_000 });
});
