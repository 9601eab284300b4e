import type { Database } from '../database/database.ts';
import { isDatabaseUnavailable } from '../database/database.ts';
import { toError } from '../domain/job-errors.ts';
import { videoDocumentId, type VideoKey } from '../domain/video-key.ts';
import { forEachConcurrently } from '../runtime/concurrency.ts';
import { audited, type Actor } from './audited.ts';

/** What became of each video, by its `_id`. */
export interface VideoResult<Outcome extends string> {
  readonly id: string;
  /** `error`: it could not be changed now; doing it again is safe. */
  readonly outcome: Outcome | 'error';
  readonly error?: string;
}

/** So many in a row fail because of a server and not of the videos. */
const MAX_ERRORS_IN_A_ROW = 5;
/** Each video takes some ten short requests to MongoDB and Redis, one after another. */
const CONCURRENCY = 8;
const never = new AbortController().signal;

/**
 * Does something with each of these videos, several at once, as one operation in the audit. One that cannot be changed does not stop the others.
 * @param change gets the `_id` of the operation: that of the whole, when this is a batch of it
 * @throws the last error when MongoDB is away, or several videos in a row cannot be changed
 */
export async function changeVideos<Outcome extends string>(
  operation: string,
  keys: readonly VideoKey[],
  actor: Actor,
  database: Database,
  change: (key: VideoKey, operationId: string) => Promise<Outcome>,
): Promise<VideoResult<Outcome>[]> {
  const targets = keys.map(videoDocumentId);
  return await audited(database, actor, { operation, targets }, async (row) => {
    const results = new Map<VideoKey, VideoResult<Outcome>>();
    let errorsInARow = 0;
    await forEachConcurrently(
      () => keys,
      { concurrency: CONCURRENCY, signal: never },
      async (key) => {
        const id = videoDocumentId(key);
        try {
          results.set(key, { id, outcome: await change(key, actor.partOf ?? row) });
          errorsInARow = 0;
        } catch (thrown) {
          errorsInARow += 1;
          if (isDatabaseUnavailable(thrown) || errorsInARow >= MAX_ERRORS_IN_A_ROW) throw thrown;
          results.set(key, { id, outcome: 'error', error: toError(thrown).message });
        }
      },
    );
    return keys.flatMap((key) => results.get(key) ?? []);
  });
}
