import type { RunDocument, SourceDocument } from '../../database/collection-documents.ts';
import { runId, type OwnedRun } from '../../database/run-repository.ts';
import { TransientError } from '../../domain/job-errors.ts';
import { disabledReason } from '../configured-source.ts';
import { requestOf, type RunSourceOptions } from './run-options.ts';

/** A run that this attempt owns, and where it begins to read. */
export interface BegunRun extends OwnedRun {
  readonly state: unknown;
  /** The version of the source's state that the run goes on from. */
  readonly stateVersion: number;
}

/** Each further look means that another process changed the run in between. */
const MAX_LOOKS = 5;

/**
 * Begins a run, or takes over the one that an earlier attempt began.
 * @returns the record alone where there is nothing to do: the run has ended, belongs to a later round, is not to be
 *   made, or a later run of the source succeeded in the meantime.
 * @throws TransientError when others keep changing it.
 */
export async function beginRun(
  options: RunSourceOptions,
): Promise<BegunRun | { readonly closed: RunDocument }> {
  const { database, source, now } = options;
  const request = requestOf(options);
  const refusal = refusalOf(options);
  for (let look = 0; look < MAX_LOOKS; look += 1) {
    const existing = await database.runs.find(runId(source.id, request.scheduledFor));
    if (existing === undefined) {
      if (refusal !== undefined)
        return { closed: await database.runs.recordSkipped(request, refusal, now()) };
      const begun = await beginFirst(options);
      if (begun !== undefined) return begun;
      continue;
    }
    if (!isOpen(existing) || request.round < existing.round) return { closed: existing };
    const reason = refusal ?? supersededBy(existing, await sourceOf(options));
    if (reason !== undefined) {
      const closed = await database.runs.giveUp(existing, reason, now());
      if (closed !== undefined) return { closed };
      continue;
    }
    const owned = await database.runs.takeOver(existing, request);
    if (owned !== undefined) return { ...owned, ...(await startOf(owned.run, options)) };
  }
  throw new TransientError('unknown', `Other workers keep changing this run of ${source.id}.`);
}

async function beginFirst(options: RunSourceOptions): Promise<BegunRun | undefined> {
  const { database, source, now } = options;
  const totals = await database.documents.totals(source.id);
  const sequence = await database.sources.nextSequence(source.id);
  const { state, state_version: stateVersion } = await sourceOf(options);
  const beginning = { sequence, state, stateVersion, totals };
  const owned = await database.runs.begin(requestOf(options), beginning, now());
  return owned === undefined ? undefined : { ...owned, state, stateVersion };
}

/**
 * Where a run goes on. The run keeps each checkpoint before the source does: when the source is exactly one version
 * behind, its attempt died between the two, and the source is brought up. Where the source is further, another run
 * has read on in the meantime, and this one goes on from there.
 */
async function startOf(
  run: OwnedRun['run'],
  options: RunSourceOptions,
): Promise<{ readonly state: unknown; readonly stateVersion: number }> {
  const { sources } = options.database;
  const source = await sourceOf(options);
  const { state_version: version } = run.progress;
  if (source.state_version === version - 1) {
    if (await sources.saveState(source._id, source.state_version, run.state_after)) {
      return { state: run.state_after, stateVersion: version };
    }
    return await startOf(run, options);
  }
  return { state: source.state, stateVersion: source.state_version };
}

function refusalOf({ source, payload }: RunSourceOptions): string | undefined {
  // What is only switched off may be collected by hand.
  if (source.missingKey === undefined && payload.trigger === 'manual') return undefined;
  const reason = disabledReason(source);
  return reason === undefined ? undefined : `disabled: ${reason}`;
}

/** By number and not by time, so that a clock that was set back supersedes nothing. */
function supersededBy(run: RunDocument, source: SourceDocument): string | undefined {
  const isLater = (source.last_success_sequence ?? 0) > (run.progress?.sequence ?? Infinity);
  return isLater ? 'superseded: a later run of this source succeeded' : undefined;
}

function isOpen({ status }: RunDocument): boolean {
  return status === 'running' || status === 'failed';
}

async function sourceOf({ database, source }: RunSourceOptions): Promise<SourceDocument> {
  const found = await database.sources.find(source.id);
  if (found === undefined) throw new TransientError('unknown', `The record of ${source.id} has vanished.`);
  return found;
}
