import type { OwnedRun } from '../../database/run-attempt.ts';
import type { RunDocument } from '../../database/collections/run.ts';
import type { SourceDocument } from '../../database/collections/source.ts';
import { runId } from '../../database/run-repository.ts';
import { TransientError } from '../../domain/job-errors.ts';
import { whyNotCollected } from '../configured-source.ts';
import { requestOf, type RunContext } from './run-context.ts';

/** A run that this attempt owns, and the state from which it reads on. */
export interface StartedRun extends OwnedRun {
  readonly state: unknown;
  /** The version of that state in the source's record. */
  readonly stateVersion: number;
}

/** Each retry means that another process changed the run in between. */
const MAX_TRIES = 5;

/**
 * Starts a run, or takes over the run that an earlier attempt started.
 * @returns only the record when there is nothing to do: the run has ended, belongs to a later round or is disabled, or
 *   a later run of the source has succeeded.
 * @throws TransientError when other processes keep changing the run.
 */
export async function startRun(context: RunContext): Promise<StartedRun | { readonly closed: RunDocument }> {
  const { database, source, now } = context;
  const request = requestOf(context);
  const reason = whyNotCollected(source, request.trigger);
  const refusal = reason === undefined ? undefined : `disabled: ${reason}`;
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const existing = await database.runs.findById(runId(source.id, request.scheduledFor));
    if (existing === undefined) {
      if (refusal !== undefined) {
        return { closed: await database.runs.recordSkipped(request, refusal, now()) };
      }
      const started = await startFirstAttempt(context);
      if (started !== undefined) return started;
      continue;
    }
    const isOpen = existing.status === 'running' || existing.status === 'failed';
    if (!isOpen || request.round < existing.round) return { closed: existing };
    const endedBy = refusal ?? supersededBy(existing, await sourceOf(context));
    if (endedBy !== undefined) {
      const closed = await database.runs.giveUp(existing, endedBy, now());
      if (closed !== undefined) return { closed };
      continue;
    }
    const owned = await database.runs.takeOver(existing, request);
    if (owned !== undefined) return { ...owned, ...(await stateToContinueFrom(owned.run, context)) };
  }
  throw new TransientError('unknown', `Other workers keep changing this run of ${source.id}.`);
}

async function startFirstAttempt(context: RunContext): Promise<StartedRun | undefined> {
  const { database, source, now } = context;
  const totals = await database.documents.totals(source.id);
  const sequence = await database.sources.nextSequence(source.id);
  const { state, state_version: stateVersion } = await sourceOf(context);
  const beginning = { sequence, state, stateVersion, totals };
  const owned = await database.runs.begin(requestOf(context), beginning, now());
  return owned === undefined ? undefined : { ...owned, state, stateVersion };
}

/**
 * The state from which a run continues. A checkpoint is written to the run first and then to the source: when the source
 * is exactly one version behind, the attempt died between the two writes, and the source is updated here. When the
 * source is ahead, another run has read further, and this run continues from there.
 */
async function stateToContinueFrom(
  run: OwnedRun['run'],
  context: RunContext,
): Promise<{ readonly state: unknown; readonly stateVersion: number }> {
  const { sources } = context.database;
  const source = await sourceOf(context);
  const { state_version: version } = run.progress;
  if (source.state_version === version - 1) {
    if (await sources.saveState(source._id, source.state_version, run.state_after)) {
      return { state: run.state_after, stateVersion: version };
    }
    return await stateToContinueFrom(run, context);
  }
  return { state: source.state, stateVersion: source.state_version };
}

/** Compares sequence numbers and not times, because clocks may be set back. */
function supersededBy(run: RunDocument, source: SourceDocument): string | undefined {
  const isLater = (source.last_success_sequence ?? 0) > (run.progress?.sequence ?? Infinity);
  return isLater ? 'superseded: a later run of this source succeeded' : undefined;
}

async function sourceOf({ database, source }: RunContext): Promise<SourceDocument> {
  const found = await database.sources.findById(source.id);
  if (found === undefined)
    throw new TransientError('unknown', `The record of source ${source.id} no longer exists.`);
  return found;
}
