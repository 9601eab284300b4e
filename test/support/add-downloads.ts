import type { VideoKey } from '../../src/domain/video-key.ts';
import type { TestEnvironment } from './test-environment.ts';

/** Records new videos and adds their download jobs, like a producer. */
export async function addDownloads(
  { database, queues }: Pick<TestEnvironment, 'database' | 'queues'>,
  keys: readonly VideoKey[],
): Promise<void> {
  await database.videos.discover(
    keys.map((key) => ({ key, url: `https://www.youtube.com/watch?v=${key.videoId}`, title: 'A title' })),
  );
  await queues.addMany(
    'download',
    keys.map((key) => ({ payload: { ...key, round: 0 } })),
  );
}
