import { randomUUID } from 'node:crypto';
import type { QueryFilter, UpdateQuery } from 'mongoose';
import type { JobError } from '../domain/job-errors.ts';
import { failureFields } from './collections/failure.ts';
import { NO_COUNTS, type RunDocument, type RunStatus, type RunTally } from './collections/run.ts';
import { unlessDuplicateKey } from './server-errors.ts';
import { Repository } from './repository.ts';
import type { OwnedRun, RunBeginning, RunCheckpoint, RunFinish, RunRequest } from './run-attempt.ts';

/** Statuses in which another attempt may continue. */
const OPEN_STATUSES: readonly RunStatus[] = ['running', 'failed'];

/** `<source>.<scheduled time>`: one run for each, whoever asks for it. */
export function runId(sourceId: string, scheduledFor: Date): string {
  return `${sourceId}.${scheduledFor.toISOString()}`;
}

/**
 * The changes of runs. An attempt takes a run over with a token of its own (`owner`), and each of its writes compares
 * that token: an attempt that lost its job cannot change what its successor does.
 */
export class RunRepository extends Repository<RunDocument> {
  /** Records a run that begins for the first time. @returns undefined when it is recorded already. */
  async begin(request: RunRequest, beginning: RunBeginning, now: Date): Promise<OwnedRun | undefined> {
    const owner = randomUUID();
    const run = {
      ...newRun(request, now),
      status: 'running',
      attempts: 1,
      owner,
      totals: { before: beginning.totals },
      state_before: beginning.state ?? null,
      state_after: null,
      progress: {
        sequence: beginning.sequence,
        step: 1,
        lost_steps: [],
        state_version: beginning.stateVersion,
      },
    } satisfies RunDocument;
    return (await this.#insert(run)) ? { run, owner } : undefined;
  }

  /**
   * Takes over a run that another attempt began, whatever the state of that attempt: from now on only the new owner may
   * write. The tally goes back to the last checkpoint, and the step that was under way is lost.
   * @returns undefined when the run has changed in the meantime or cannot continue: read it again.
   */
  async takeOver(run: RunDocument, request: RunRequest): Promise<OwnedRun | undefined> {
    const { progress } = run;
    if (progress === undefined || progress === null) return undefined;
    const owner = randomUUID();
    const taken = await this.#change(
      { ...unchanged(run), attempts: run.attempts, 'progress.step': progress.step },
      {
        $set: {
          owner,
          status: 'running',
          round: Math.max(run.round, request.round),
          worker: request.worker,
          'progress.step': progress.step + 1,
          ...(run.resume_from ? tallyFields(run.resume_from) : {}),
        },
        $inc: { attempts: 1 },
        $push: { 'progress.lost_steps': progress.step },
        $unset: { finished_at: 1, error: 1, next_retry_at: 1, note: 1, resume_from: 1, 'totals.after': 1 },
      },
    );
    return taken?.progress ? { run: { ...taken, progress: taken.progress }, owner } : undefined;
  }

  /** Saves what is stored so far and ends the step. @returns false when the run has another owner. */
  async checkpoint(id: string, owner: string, checkpoint: RunCheckpoint): Promise<boolean> {
    const { step, state, stateVersion, bytes } = checkpoint;
    const result = await this.model.updateOne(
      { _id: id, owner, status: 'running', 'progress.step': step },
      {
        $set: {
          ...tallyFields(checkpoint),
          bytes,
          state_after: state,
          'progress.step': step + 1,
          'progress.state_version': stateVersion,
        },
      },
    );
    return result.matchedCount > 0;
  }

  /** Ends the attempt, and the run unless it failed. @returns undefined when the run has another owner. */
  async finish(id: string, owner: string, finish: RunFinish): Promise<RunDocument | undefined> {
    const { status, bytes, totalsAfter, note, failure, at } = finish;
    return await this.#change(
      { _id: id, owner, status: 'running' },
      {
        $set: {
          ...tallyFields(finish),
          status,
          bytes,
          'totals.after': totalsAfter,
          finished_at: at,
          ...(note === undefined ? {} : { note }),
          ...(failure && { error: failureFields(failure.error, at), resume_from: failure.resumeFrom }),
        },
        $unset: { owner: 1 },
      },
    );
  }

  /** Records when a failed run is tried again. */
  async recordNextRetry(id: string, at: Date): Promise<void> {
    await this.model.updateOne({ _id: id, status: 'failed' }, { $set: { next_retry_at: at } });
  }

  /** Records a run that is not executed, and why; nothing changes when the run is recorded already. */
  async recordSkipped(request: RunRequest, note: string, now: Date): Promise<RunDocument> {
    const run = {
      ...newRun(request, now),
      finished_at: now,
      status: 'skipped',
      attempts: 0,
      note,
    } satisfies RunDocument;
    if (await this.#insert(run)) return run;
    return (await this.findById(run._id)) ?? run;
  }

  /**
   * Gives up a run that failed or was abandoned: it is not tried again. What it counted stays.
   * @returns the run; undefined when it has changed since it was read.
   */
  async giveUp(run: RunDocument, note: string, at: Date): Promise<RunDocument | undefined> {
    return await this.#change(
      { ...unchanged(run), attempts: run.attempts },
      { $set: { status: 'skipped', note, finished_at: at }, $unset: { owner: 1, next_retry_at: 1 } },
    );
  }

  /**
   * Ends a run that no job works on, although its record says that it is running or waits for a retry. Only a new job
   * can take it over later.
   * @param run as it was read.
   * @param error why it is considered lost.
   * @returns the run; undefined when it has changed since it was read.
   */
  async closeAbandoned(run: RunDocument, error: JobError, at: Date): Promise<RunDocument | undefined> {
    return await this.#change(
      { ...unchanged(run), ...(run.progress && { 'progress.step': run.progress.step }) },
      {
        $set: { status: 'failed', finished_at: at, error: failureFields(error, at) },
        $unset: { owner: 1, next_retry_at: 1 },
      },
    );
  }

  /** @returns false when the run is recorded already. */
  async #insert(run: RunDocument): Promise<boolean> {
    return (await unlessDuplicateKey(this.model.create(run))) !== undefined;
  }

  /** @returns the run after the change; undefined when the filter did not match it any more. */
  async #change(
    filter: QueryFilter<RunDocument>,
    update: UpdateQuery<RunDocument>,
  ): Promise<RunDocument | undefined> {
    const changed = await this.model.findOneAndUpdate(filter, update, { returnDocument: 'after' }).lean();
    return changed ?? undefined;
  }
}

/** Matches the run while it is open and has the owner that it had when it was read. */
function unchanged(run: RunDocument) {
  return { _id: run._id, owner: run.owner ?? null, status: { $in: OPEN_STATUSES } };
}

function newRun(request: RunRequest, now: Date) {
  return {
    _id: runId(request.sourceId, request.scheduledFor),
    source_id: request.sourceId,
    kind: request.kind,
    trigger: request.trigger,
    scheduled_for: request.scheduledFor,
    started_at: now,
    round: request.round,
    worker: request.worker,
    counts: NO_COUNTS,
    bytes: 0,
    parts: [],
    reject_reasons: {},
    rejects: [],
    date_problems: [],
  };
}

function tallyFields({ counts, parts, reject_reasons, rejects, date_problems = [] }: RunTally) {
  return { counts, parts, reject_reasons, rejects, date_problems };
}
