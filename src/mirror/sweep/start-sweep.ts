import type { Database } from '../../database/database.ts';
import { toError } from '../../domain/job-errors.ts';
import type { JobQueues } from '../../queues/job-queues.ts';
import type { Sweep } from '../../queues/mirror-sweeps.ts';
import type { MinioStore } from '../../storage/minio-store.ts';
import type { Pages } from '../listing-cursor.ts';
import { listSelected } from '../selection.ts';
import { finishSweep } from './finish-sweep.ts';
import { splitBucket } from './split-bucket.ts';

export interface StartDependencies {
  readonly database: Pick<Database, 'mirrorReports'>;
  readonly queues: JobQueues;
  readonly source: MinioStore;
  readonly signal: AbortSignal;
  /** Called with each shard that was added. */
  readonly onShard?: (added: number) => void;
}

/**
 * Begins a sweep of a bucket: splits it, and adds a job for each shard as soon as its border is known, so that workers begin
 * while the listing goes on. The worker that ends the last shard ends the sweep.
 * @returns its id and the number of shards; undefined while another sweep of the container is alive.
 * @throws the error of the listing; what was added is done all the same, and the report says that it is not all.
 */
export async function startSweep(
  sweep: Omit<Sweep, 'startedAt'>,
  dependencies: StartDependencies,
): Promise<{ readonly id: string; readonly shards: number } | undefined> {
  const { queues, source, signal, onShard } = dependencies;
  const { sweeps } = queues;
  const id = await sweeps.begin({ ...sweep, startedAt: new Date().toISOString() });
  if (id === undefined) return undefined;
  let shards = 0;
  try {
    const { prefix, include, exclude } = sweep;
    const pages = listSelected(source, { prefix, filter: { include, exclude } }, signal);
    for await (const shard of splitBucket(renewing(pages, () => sweeps.keepSplitting(id)))) {
      // The shard stands there before its job, which does nothing without it.
      if (!(await sweeps.addShard(id, shards, shard))) break;
      await queues.add('sync', { sweepId: id, shard: shards });
      shards += 1;
      onShard?.(shards);
    }
    await sweeps.endSplitting(id, shards);
  } catch (error) {
    await sweeps.endSplitting(id, shards, toError(error).message);
    await finishSweep(id, dependencies);
    throw error;
  }
  // All shards may have ended before their number was known.
  await finishSweep(id, dependencies);
  return { id, shards };
}

async function* renewing(pages: Pages, renew: () => Promise<void>): Pages {
  for await (const page of pages) {
    await renew();
    yield page;
  }
}
