import type { Database } from '../database/database.ts';
import type { JobQueues } from '../queues/job-queues.ts';

/**
 * Adds a job for each playlist whose next expansion is due. One that waits or runs already gets no second.
 * @returns how many are due.
 */
export async function expandDuePlaylists(
  { database, queues }: { readonly database: Database; readonly queues: JobQueues },
  now: Date,
): Promise<number> {
  const due = await database.playlists.due(now);
  for (const { _id } of due) await queues.addPlaylist(_id);
  return due.length;
}
