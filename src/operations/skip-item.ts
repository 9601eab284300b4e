import type { Database } from '../database/database.ts';
import { parseVideoDocumentId } from '../domain/video-key.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import type { Actor } from './audited.ts';
import { pausePlaylists } from './manage-playlists.ts';
import { skipVideos } from './skip-videos.ts';

interface ItemDependencies {
  readonly database: Database;
  readonly queues: JobQueues;
}

/**
 * `skipped`: the video is not archived. `paused`: the playlist is not read until it is resumed. `archived`, `deleted`,
 * `forgotten`: there is nothing left to skip. `unknown`: it is neither a video nor a playlist of the record. `error`: a server was away.
 */
export type SkipItemOutcome =
  'skipped' | 'paused' | 'archived' | 'deleted' | 'forgotten' | 'unknown' | 'error';

/**
 * Takes the item that caused a pause or a rest off its way: a video is skipped, a playlist is paused. The rest itself goes
 * on; safe to repeat.
 * @param item as a pause or a rest names it: the `_id` of a video or of a playlist
 */
export async function skipItem(
  item: string,
  actor: Actor,
  dependencies: ItemDependencies,
): Promise<SkipItemOutcome> {
  const key = parseVideoDocumentId(item);
  if (key !== undefined && (await dependencies.database.videos.find(key)) !== undefined) {
    const [result] = await skipVideos([key], actor, dependencies);
    return result?.outcome ?? 'unknown';
  }
  if ((await dependencies.database.playlists.findById(item)) === undefined) return 'unknown';
  const [result] = await pausePlaylists([item], actor, dependencies);
  return result?.outcome ?? 'unknown';
}
