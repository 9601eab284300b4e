import type { JobError } from '../domain/job-errors.ts';
import type { RunDocument, RunProgress, RunStatus, RunTally, RunTrigger } from './collections/run.ts';

/** Identifies a run and says who asks for it. */
export interface RunRequest {
  readonly sourceId: string;
  readonly kind: string;
  readonly trigger: RunTrigger;
  readonly scheduledFor: Date;
  /** How often it has gone through the retry queue. */
  readonly round: number;
  readonly worker: string;
}

/** The state before the first attempt of a run. */
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

/** The state of a run at a checkpoint. */
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
  /** Why it failed, and the tally of the last checkpoint, from which another attempt continues. */
  readonly failure?: { readonly error: JobError; readonly resumeFrom: RunTally };
  readonly at: Date;
}
