import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../../src/database/database.ts';
import type { VideoKey } from '../../src/domain/video-key.ts';
import type { JobQueues } from '../../src/queues/job-queues.ts';

const LOOK_EVERY_MS = 100;

/**
 * Sends new videos of one playlist through all stages, and waits for the last.
 * @param from how many were sent before
 * @throws Error when they are not all mirrored within the deadline
 */
export async function sendThrough(
  { database, queues }: { readonly database: Database; readonly queues: JobQueues },
  from: number,
  count: number,
  deadlineMs: number,
): Promise<void> {
  const keys = Array.from({ length: count }, (_value, index): VideoKey => {
    return { provider: 'youtube', videoId: `c${String(from + index).padStart(10, '0')}` };
  });
  await database.videos.discover(
    keys.map((key) => ({
      key,
      url: `https://www.youtube.com/watch?v=${key.videoId}`,
      title: 'A title',
      takenInBy: 'PLcounted',
    })),
  );
  await queues.addMany(
    'download',
    keys.map((key) => ({ payload: { ...key, round: 0 } })),
  );
  const until = performance.now() + deadlineMs;
  for (;;) {
    const { completed } = await queues.jobs.counts('sync');
    if (completed >= from + count) return;
    if (performance.now() > until)
      throw new Error(`${String(completed)} of ${String(from + count)} videos are through.`);
    await delay(LOOK_EVERY_MS);
  }
}
