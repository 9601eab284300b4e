import { addDownloadsByHand } from '../backlog/add-downloads.ts';
import type { Database } from '../database/database.ts';
import { videoDocumentId, type VideoKey } from '../domain/video-key.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import { audited, type Actor } from './audited.ts';

/**
 * `added`: its download waits. `known`: it was known before; what waits goes on. `left_out`: a person skipped or deleted it
 * before, so it stays as it is until somebody takes it up again.
 */
export type AddVideoOutcome = 'added' | 'known' | 'left_out';

/**
 * Adds single videos, of which no more than the address is known until they are downloaded. A person wants them: no filter is
 * asked, and one that a filter had skipped is taken in.
 */
export async function addVideos(
  videos: readonly { readonly key: VideoKey; readonly url: string }[],
  actor: Actor,
  { database, queues }: { readonly database: Database; readonly queues: JobQueues },
): Promise<{ readonly id: string; readonly outcome: AddVideoOutcome }[]> {
  const targets = videos.map(({ key }) => videoDocumentId(key));
  return await audited(database, actor, { operation: 'videos.add', targets }, async () => {
    const before = new Map(
      (await database.videos.states(videos.map(({ key }) => key))).map((state) => [
        videoDocumentId(state.key),
        state.status,
      ]),
    );
    const states = await database.videos.discover(videos.map(({ key, url }) => ({ key, url })));
    const waiting = states.filter(({ status }) => status === 'discovered');
    // A crash before this line leaves videos without a job, which reconcile finds by their status.
    await addDownloadsByHand(waiting, { database, queues });
    const after = new Map(states.map((state) => [videoDocumentId(state.key), state.status]));
    return targets.map((id) => ({ id, outcome: outcomeOf(before.get(id), after.get(id)) }));
  });
}

function outcomeOf(before: string | undefined, after: string | undefined): AddVideoOutcome {
  if (before === undefined) return 'added';
  if (after === 'skipped') return 'left_out';
  return before === 'skipped' ? 'added' : 'known';
}
