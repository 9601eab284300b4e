import { whyNotCollected, type ConfiguredSource } from '../collectors/configured-source.ts';
import { requestRun } from '../collectors/scheduling/request-run.ts';
import type { Database } from '../database/database.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import { audited, type Actor } from './audited.ts';

interface SourceDependencies {
  readonly database: Database;
  readonly queues: JobQueues;
}

/**
 * `added`: a worker collects it now. `running`: a run of it waits, is active, or was started again instead of waiting for
 * its retry. `disabled`: it cannot be collected, with the reason. `unknown`: the sources file has no such source.
 */
export type RunSourceResult =
  | { readonly outcome: 'added' | 'running'; readonly runId: string | undefined }
  | { readonly outcome: 'disabled'; readonly reason: string }
  | { readonly outcome: 'unknown' };

/** Collects a source now, beside its schedule; a second request while a run is under way adds none. */
export async function runSource(
  id: string,
  actor: Actor,
  sources: readonly ConfiguredSource[],
  dependencies: SourceDependencies,
): Promise<RunSourceResult> {
  const source = sources.find((one) => one.id === id);
  if (source === undefined) return { outcome: 'unknown' };
  const reason = whyNotCollected(source, 'manual');
  if (reason !== undefined) return { outcome: 'disabled', reason };
  return await audited(
    dependencies.database,
    actor,
    { operation: 'sources.run', targets: [id] },
    async () => {
      const request = { source, scheduledFor: new Date(), trigger: 'manual', requester: actor.via } as const;
      const { outcome, runId } = await requestRun(request, dependencies);
      return { outcome: outcome === 'added' ? 'added' : 'running', runId };
    },
  );
}
