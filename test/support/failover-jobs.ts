import type { JobQueues } from '../../src/queues/job-queues.ts';
import { eventually } from './eventually.ts';

/** Adds jobs one after the other. A refused job is not acknowledged: it is added again. */
export async function addAcknowledged(queues: JobQueues, playlistIds: readonly string[]): Promise<void> {
  for (const playlistId of playlistIds) {
    await eventually('the job to be taken', () =>
      queues.add('playlist', { playlistId }).then(
        () => true,
        () => false,
      ),
    );
  }
}
