import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { VideoKey } from '../../src/domain/video-key.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

let environment: TestEnvironment;

beforeEach(async () => {
  environment = await openTestEnvironment();
});
afterEach(() => environment.close());

const MIRROR = { container: 'audio', name: 'a', etag: 'e', size: 1, md5: 'm', at: new Date() };
const keyOf = (index: number): VideoKey => ({
  provider: 'youtube',
  videoId: `v${String(index).padStart(10, '0')}`,
});

async function discover(count: number): Promise<readonly VideoKey[]> {
  const keys = Array.from({ length: count }, (_value, index) => keyOf(index));
  await environment.database.videos.discover(
    keys.map((key) => ({ key, url: `https://www.youtube.com/watch?v=${key.videoId}`, title: 'A title' })),
  );
  return keys;
}

test('of changes that are made at once each says whether it applied; what was refused is refused alone', async () => {
  const { videos } = environment.database;
  const keys = await discover(6);
  const error = { class: 'network', message: 'm', advice: 'a', stage: 'download', at: new Date() };
  const model = environment.database.connection.model('Video');
  await model.updateMany({}, { $set: { status: 'stored' } });
  await model.updateOne({ _id: 'youtube.v0000000001' }, { $set: { round: 1, error } });
  await model.updateOne({ _id: 'youtube.v0000000002' }, { $set: { status: 'skipped' } });
  const unfit = { ...MIRROR, size: 'not a number' as unknown as number };
  const results = await Promise.allSettled([
    ...keys.map((key, index) => videos.markMirrored(key, 0, index === 3 ? unfit : MIRROR, 10)),
    videos.markMirrored(keyOf(99), 0, MIRROR, 10),
  ]);
  expect(results.map((result) => (result.status === 'fulfilled' ? result.value : 'refused'))).toEqual([
    ...[true, false, false, 'refused', true, true],
    false,
  ]);
  const states = await videos.states(keys);
  expect(states.map(({ key, status }) => [key.videoId.at(-1), status]).sort()).toEqual([
    ...[
      ['0', 'mirrored'],
      ['1', 'stored'],
      ['2', 'skipped'],
      ['3', 'stored'],
    ],
    ...[
      ['4', 'mirrored'],
      ['5', 'mirrored'],
    ],
  ]);
});

test('of several changes of one video at once one applies', async () => {
  const [key = keyOf(0)] = await discover(1);
  const results = await Promise.all(
    Array.from({ length: 5 }, () =>
      environment.database.videos.claimRetry(key, 0, 'download', { countsAsRound: true }),
    ),
  );
  expect(results).toEqual([false, false, false, false, false]);
  await environment.database.connection.model('Video').updateOne({}, { $set: { status: 'retrying' } });
  const claims = await Promise.all(
    Array.from({ length: 5 }, () =>
      environment.database.videos.claimRetry(key, 0, 'download', { countsAsRound: true }),
    ),
  );
  expect(claims.filter(Boolean)).toHaveLength(1);
});
