import type { Database } from '../database/database.ts';
import { DownloadWindow } from '../queues/download-window.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import { LAST_PRIORITY } from '../queues/last-priority.ts';

export interface FillDependencies {
  readonly database: Pick<Database, 'backlog'>;
  readonly queues: JobQueues;
}

/** Jobs added in one step. */
const BATCH_SIZE = 500;

/**
 * Adds the jobs of the first videos of the backlog, until the window is full. Any process may call it at any time, whenever
 * jobs were taken or videos were put into the backlog: a job is added before its video leaves the backlog, and its id is that
 * of its video and round, so that a crash or two fillings at once add none twice and lose none.
 * @returns how many jobs were added; 0 when another process filled the window meanwhile.
 * @throws OperatorError when Redis does not answer
 */
export async function fillWindow(
  { database: { backlog }, queues }: FillDependencies,
  window = new DownloadWindow(queues),
): Promise<number> {
  let added = 0;
  await window.exclusively(async () => {
    // A full window takes only what comes before its jobs: looking at the first video is usually enough.
    let looksAt = 1;
    for (;;) {
      const { free, before } = await window.room();
      const limit = free === 0 ? looksAt : Math.min(free, BATCH_SIZE);
      looksAt = Math.min(looksAt * 8, BATCH_SIZE);
      const videos = await backlog.first(limit);
      const numbers = await window.numbersFor(videos);
      const fitting = videos.slice(0, numbers.filter((number) => number < before).length);
      if (fitting.length === 0) return;
      await queues.addMany(
        'download',
        fitting.map(({ key, round, since }, index) => ({
          payload: { ...key, round },
          waitingSince: since,
          priority: numbers[index] ?? LAST_PRIORITY,
        })),
      );
      for (const [priority, group] of Map.groupBy(fitting, (video) => video.priority)) {
        await window.noteFilled(priority, Math.max(...group.map(({ turn }) => turn)));
      }
      await backlog.remove(fitting);
      added += fitting.length;
      const wasAll = videos.length < limit && fitting.length === videos.length;
      if (wasAll) return;
    }
  });
  return added;
}
