import { randomUUID } from 'node:crypto';
import type { Model } from 'mongoose';
import type { JobError } from '../domain/job-errors.ts';
import type {
  RunCounts,
  RunDocument,
  RunProgress,
  RunStatus,
  RunTally,
  RunTrigger,
} from './collection-documents.ts';
import { isDuplicateKey } from './duplicate-key.ts';

/** Names a run and says who wants it. */
export interface RunRequest {
  readonly sourceId: string;
  readonly kind: string;
  readonly trigger: RunTrigger;
  readonly scheduledFor: Date;
  /** How often it has gone through the retry queue. */
  readonly round: number;
  readonly worker: string;
}

/** What a run begins with that is begun for the first time. */
export interface RunBeginning {
  readonly sequence: number;
  readonly state: unknown;
  readonly stateVersion: number;
  readonly totals: { readonly source: number; readonly all: number };
}

/** A run that this attempt may write, and the token that proves it. */
export interface OwnedRun {
  readonly run: RunDocument & { readonly progress: RunProgress };
  readonly owner: string;
}

/** What an attempt adds to its run at a checkpoint. */
export interface RunCheckpoint extends RunTally {
  readonly bytes: number;
  /** The step that ends with it. */
  readonly step: number;
  readonly state: unknown;
  /** The version that the state of the source will have. */
  readonly stateVersion: number;
}

/** The end of an attempt. */
export interface RunFinish extends RunTally {
  readonly status: Extract<RunStatus, 'success' | 'partial' | 'failed'>;
  readonly bytes: number;
  readonly totalsAfter: { readonly source: number; readonly all: number };
  readonly note?: string | undefined;
  /** Why it failed; with it the tally of the last checkpoint, from where another attempt counts on. */
  readonly failure?: { readonly error: JobError; readonly resumeFrom: RunTally };
  readonly at: Date;
}

const NO_COUNTS: RunCounts = { seen: 0, new: 0, updated: 0, duplicate: 0, rejected: 0, media: 0 };
const MAX_MESSAGE_LENGTH = 2_000;
/** Statuses in which another attempt may go on. */
const OPEN: readonly RunStatus[] = ['running', 'failed'];

/** `<source>.<scheduled time>`: one run for each, whoever asks for it. */
export function runId(sourceId: string, scheduledFor: Date): string {
  return `${sourceId}.${scheduledFor.toISOString()}`;
}

/**
 * The runs. An attempt takes a run over with a token of its own, and each of its writes compares that token: an
 * attempt that lost its job cannot change what its successor does.
 */
export class RunRepository {
  readonly #runs: Model<RunDocument>;

  constructor(runs: Model<RunDocument>) {
    this.#runs = runs;
  }

  async find(id: string): Promise<RunDocument | undefined> {
    return (await this.#runs.findById(id).lean<RunDocument>()) ?? undefined;
  }

  /** Records a run that begins for the first time. @returns undefined when it is there already. */
  async begin(request: RunRequest, beginning: RunBeginning, now: Date): Promise<OwnedRun | undefined> {
    const owner = randomUUID();
    const run = {
      ...identityOf(request),
      started_at: now,
      status: 'running' as const,
      attempts: 1,
      owner,
      counts: NO_COUNTS,
      bytes: 0,
      totals: { before: beginning.totals },
      state_before: beginning.state ?? null,
      state_after: null,
      parts: [],
      reject_reasons: {},
      rejects: [],
      progress: {
        sequence: beginning.sequence,
        step: 1,
        lost_steps: [],
        state_version: beginning.stateVersion,
      },
    };
    try {
      await this.#runs.create(run);
    } catch (error) {
      if (isDuplicateKey(error)) return undefined;
      throw error;
    }
    return { run, owner };
  }

  /**
   * Takes over a run that another attempt began, whatever became of that: from now on only the new owner may write.
   * The tally goes back to the last checkpoint, and the step that was under way is lost.
   * @returns undefined when it changed in the meantime or cannot go on: look again.
   */
  async takeOver(run: RunDocument, request: RunRequest): Promise<OwnedRun | undefined> {
    const { progress } = run;
    if (progress === undefined || progress === null) return undefined;
    const owner = randomUUID();
    const taken = await this.#runs
      .findOneAndUpdate(
        {
          _id: run._id,
          owner: run.owner ?? null,
          attempts: run.attempts,
          'progress.step': progress.step,
          status: { $in: OPEN },
        },
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
        { returnDocument: 'after' },
      )
      .lean<OwnedRun['run']>();
    return taken === null ? undefined : { run: taken, owner };
  }

  /** Counts what has become durable and ends the step. @returns false when the run has another owner. */
  async checkpoint(id: string, owner: string, checkpoint: RunCheckpoint): Promise<boolean> {
    const { step, state, stateVersion, bytes } = checkpoint;
    const result = await this.#runs.updateOne(
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
    const finished = await this.#runs
      .findOneAndUpdate(
        { _id: id, owner, status: 'running' },
        {
          $set: {
            ...tallyFields(finish),
            status,
            bytes,
            'totals.after': totalsAfter,
            finished_at: at,
            ...(note === undefined ? {} : { note }),
            ...(failure === undefined
              ? {}
              : { error: failureFields(failure.error, at), resume_from: failure.resumeFrom }),
          },
          // Nobody works on it any more.
          $unset: { owner: 1 },
        },
        { returnDocument: 'after' },
      )
      .lean<RunDocument>();
    return finished ?? undefined;
  }

  /** Says when a failed run is tried again. */
  async recordNextRetry(id: string, at: Date): Promise<void> {
    await this.#runs.updateOne({ _id: id, status: 'failed' }, { $set: { next_retry_at: at } });
  }

  /** Records a run that is not made, and why; nothing changes when it is there already. */
  async recordSkipped(request: RunRequest, note: string, now: Date): Promise<RunDocument> {
    const run = {
      ...identityOf(request),
      started_at: now,
      finished_at: now,
      status: 'skipped' as const,
      attempts: 0,
      counts: NO_COUNTS,
      bytes: 0,
      parts: [],
      reject_reasons: {},
      rejects: [],
      note,
    };
    try {
      await this.#runs.create(run);
      return run;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      return (await this.find(run._id)) ?? run;
    }
  }

  /**
   * Gives up a run that failed or was left behind: it is not tried again. What it counted stays.
   * @returns the run; undefined when it has changed since it was read.
   */
  async giveUp(run: RunDocument, note: string, at: Date): Promise<RunDocument | undefined> {
    const skipped = await this.#runs
      .findOneAndUpdate(
        { _id: run._id, owner: run.owner ?? null, attempts: run.attempts, status: { $in: OPEN } },
        { $set: { status: 'skipped', note, finished_at: at }, $unset: { owner: 1, next_retry_at: 1 } },
        { returnDocument: 'after' },
      )
      .lean<RunDocument>();
    return skipped ?? undefined;
  }

  /** The run of each source that began last. */
  async latest(sourceIds: readonly string[]): Promise<ReadonlyMap<string, RunDocument>> {
    const found = await Promise.all(
      sourceIds.map((source_id) =>
        this.#runs.findOne({ source_id }).sort({ started_at: -1 }).lean<RunDocument>(),
      ),
    );
    return new Map(found.filter((run) => run !== null).map((run) => [run.source_id, run]));
  }

  /** Runs that began in a time, newest first. `to` is not part of it. */
  async list(span: {
    readonly from: Date;
    readonly to: Date;
    readonly sourceId?: string;
    readonly limit: number;
  }): Promise<RunDocument[]> {
    return await this.#runs
      .find({
        ...(span.sourceId === undefined ? {} : { source_id: span.sourceId }),
        started_at: { $gte: span.from, $lt: span.to },
      })
      .sort({ started_at: -1 })
      .limit(span.limit)
      .lean<RunDocument[]>();
  }

  /** Runs that were begun and have no end, oldest first. */
  async running(): Promise<RunDocument[]> {
    return await this.#runs.find({ status: 'running' }).sort({ started_at: 1 }).lean<RunDocument[]>();
  }

  /** Runs that failed and wait for another try, oldest first. */
  async waiting(): Promise<RunDocument[]> {
    return await this.#runs
      .find({ status: 'failed', next_retry_at: { $ne: null } })
      .sort({ started_at: 1 })
      .lean<RunDocument[]>();
  }

  /**
   * Ends a run on which nobody works, although it says that it is running or waits for another try. Only a new job
   * takes it over later.
   * @param run as it was read.
   * @param error why it is thought to be lost.
   * @returns the run; undefined when it has changed since it was read.
   */
  async closeAbandoned(run: RunDocument, error: JobError, at: Date): Promise<RunDocument | undefined> {
    const closed = await this.#runs
      .findOneAndUpdate(
        {
          _id: run._id,
          status: { $in: OPEN },
          owner: run.owner ?? null,
          ...(run.progress ? { 'progress.step': run.progress.step } : {}),
        },
        {
          $set: { status: 'failed', finished_at: at, error: failureFields(error, at) },
          $unset: { owner: 1, next_retry_at: 1 },
        },
        { returnDocument: 'after' },
      )
      .lean<RunDocument>();
    return closed ?? undefined;
  }
}

function identityOf(request: RunRequest) {
  return {
    _id: runId(request.sourceId, request.scheduledFor),
    source_id: request.sourceId,
    kind: request.kind,
    trigger: request.trigger,
    scheduled_for: request.scheduledFor,
    round: request.round,
    worker: request.worker,
  };
}

function tallyFields({ counts, parts, reject_reasons, rejects }: RunTally) {
  return { counts, parts: [...parts], reject_reasons, rejects: [...rejects] };
}

function failureFields(error: JobError, at: Date) {
  const message = error.message.slice(0, MAX_MESSAGE_LENGTH);
  return { class: error.errorClass, message, advice: error.advice, at };
}
