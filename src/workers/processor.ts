import type { AnyJobError, JobError } from '../domain/job-errors.ts';
import type { QueueName } from '../domain/queues.ts';
import type { JobResult, PayloadOf } from '../queues/catalogue.ts';
import type { Logger } from '../runtime/logger.ts';

/** What a processor gets besides its payload. Nothing of BullMQ is in it. */
export interface JobContext {
  /** Aborted when the worker must stop now, or the job takes too long; the processor then throws. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** 1 for the first attempt within the queue. */
  readonly attempt: number;
  /** A failure now would be the last within the queue. */
  readonly isLastAttempt: boolean;
  /** The slot of its schedule, however late it runs; left out for a job that was not scheduled. */
  readonly scheduledFor?: Date;
  /** Identifies this process in the attempts it records. */
  readonly worker: string;
  /**
   * Decides whether the item or its surroundings cause a failure that would not be counted. A processor that records
   * failures asks first; for all others the worker does.
   * @returns the error to go by: an ItemError where the item is the cause.
   */
  readonly attribute: (error: AnyJobError) => Promise<AnyJobError>;
  /** Shown by the dashboard; about one a second is sent on. */
  readonly reportProgress: (progress: Readonly<Record<string, string | number>>) => void;
}

/** An attempt whose worker died. */
export interface LostAttempt {
  /** 1 for the first attempt within the queue. */
  readonly attempt: number;
  /** The worker that died and how long ago it took the job; undefined when another has taken it since. */
  readonly lostBy: { readonly worker: string; readonly forMs: number } | undefined;
}

/** The work of one queue: a plain function that may run twice and ends in a result or a JobError. */
export interface Processor<N extends QueueName> {
  readonly process: (payload: PayloadOf<N>, context: JobContext) => Promise<JobResult>;
  /**
   * Tries whether the work can be done, without doing any: called while a fault pauses the intake.
   * @throws OperatorError while it cannot.
   */
  readonly probe?: (signal: AbortSignal) => Promise<void>;
  /** Called when a job was taken, and when none was left to take; never rejects and returns at once. */
  readonly taken?: (wasLast: boolean) => void;
  /** Called when a worker died while it held the job, which is started again: records the attempt that has no other end. */
  readonly lost?: (payload: PayloadOf<N>, attempt: LostAttempt) => Promise<void>;
  /** Called in place of `process` for a job that has lost too many workers: records that it is given up. */
  readonly abandon?: (payload: PayloadOf<N>, error: JobError, context: JobContext) => Promise<void>;
}
