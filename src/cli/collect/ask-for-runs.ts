import type { ConfiguredSource } from '../../collectors/configured-source.ts';
import { reasonAgainst, requestRun, type RunDependencies } from '../../collectors/request-run.ts';
import { TransientError } from '../../domain/job-errors.ts';
import { UserError } from '../../runtime/user-error.ts';
import type { FollowedRun } from './follow-runs.ts';

const MOST_TRIES = 5;

/**
 * The sources that a person named, or all.
 * @throws UserError when one does not exist, or lacks its key.
 */
export function chooseSources(
  sources: readonly ConfiguredSource[],
  named: readonly string[],
  all: boolean,
): { readonly chosen: ConfiguredSource[]; readonly disabled: { source: string; reason: string }[] } {
  if (all === named.length > 0) {
    throw new UserError('Name sources, or give --all. `npm run collect -- --list` shows them.', {
      exitCode: 2,
    });
  }
  const ids = new Set(sources.map(({ id }) => id));
  const unknown = named.filter((id) => !ids.has(id));
  if (unknown.length > 0) {
    throw new UserError(`There is no source ${unknown.join(', ')}. There are: ${[...ids].join(', ')}.`, {
      exitCode: 2,
    });
  }
  const wanted = all ? sources : sources.filter(({ id }) => named.includes(id));
  // Who names a source that is only switched off means it.
  const trigger = all ? 'schedule' : 'manual';
  const disabled = wanted.flatMap((source) => {
    const reason = reasonAgainst(source, trigger);
    return reason === undefined ? [] : [{ source: source.id, reason }];
  });
  const [first] = disabled;
  if (!all && first !== undefined) {
    throw new UserError(`${first.source} cannot be collected: ${first.reason}.`, { exitCode: 2 });
  }
  return { chosen: wanted.filter((source) => reasonAgainst(source, trigger) === undefined), disabled };
}

/** Asks for a run of the source now, or joins the one that is under way. @throws TransientError */
export async function askForRun(
  source: ConfiguredSource,
  dependencies: RunDependencies,
): Promise<FollowedRun & { readonly joined: boolean }> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const wanted = { source, scheduledFor: new Date(), trigger: 'manual', requester: 'collect' } as const;
    const { outcome, runId } = await requestRun(wanted, dependencies);
    // The run that was in the way ended at this moment.
    if (runId === undefined) continue;
    const scheduledFor = new Date(runId.slice(source.id.length + 1));
    return { sourceId: source.id, runId, scheduledFor, joined: outcome !== 'added' };
  }
  throw new TransientError('unknown', `Other runs of ${source.id} keep coming in between.`);
}
