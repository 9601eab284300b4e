import { whyNotCollected, type ConfiguredSource } from '../../collectors/configured-source.ts';
import { requestRun, type RunDependencies } from '../../collectors/scheduling/request-run.ts';
import { TransientError } from '../../domain/job-errors.ts';
import { usageError } from '../command/run-command.ts';
import type { FollowedRun } from './follow-runs.ts';

const MAX_TRIES = 5;

/**
 * The named sources, or all.
 * @throws UserError when a source does not exist or has no API key.
 */
export function chooseSources(
  sources: readonly ConfiguredSource[],
  named: readonly string[],
  all: boolean,
): { readonly chosen: ConfiguredSource[]; readonly disabled: { source: string; reason: string }[] } {
  if (all === named.length > 0) {
    throw usageError('Name sources, or use --all. `npm run collect -- --list` lists them.');
  }
  const ids = new Set(sources.map(({ id }) => id));
  const unknown = named.filter((id) => !ids.has(id));
  if (unknown.length > 0) {
    throw usageError(`Unknown source ${unknown.join(', ')}. Known sources: ${[...ids].join(', ')}.`);
  }
  const wanted = all ? sources : sources.filter(({ id }) => named.includes(id));
  // A source that is switched off in sources.yaml can still be collected by name.
  const trigger = all ? 'schedule' : 'manual';
  const disabled = wanted.flatMap((source) => {
    const reason = whyNotCollected(source, trigger);
    return reason === undefined ? [] : [{ source: source.id, reason }];
  });
  const [first] = disabled;
  if (!all && first !== undefined) {
    throw usageError(`${first.source} cannot be collected: ${first.reason}.`);
  }
  return { chosen: wanted.filter((source) => whyNotCollected(source, trigger) === undefined), disabled };
}

/** Requests a run of the source now, or joins the one in progress. @throws TransientError */
export async function askForRun(
  source: ConfiguredSource,
  dependencies: RunDependencies,
): Promise<FollowedRun & { readonly joined: boolean }> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const wanted = { source, scheduledFor: new Date(), trigger: 'manual', requester: 'collect' } as const;
    const { outcome, runId } = await requestRun(wanted, dependencies);
    // The other run has just ended.
    if (runId === undefined) continue;
    const scheduledFor = new Date(runId.slice(source.id.length + 1));
    return { sourceId: source.id, runId, scheduledFor, joined: outcome !== 'added' };
  }
  throw new TransientError('unknown', `Other runs of ${source.id} start again and again.`);
}
