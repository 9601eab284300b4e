import type { JobResult, PayloadOf, QueueName } from '../queues/catalogue.ts';
import type { Logger } from '../runtime/logger.ts';
import type { JobError } from '../domain/job-errors.ts';

/** What a processor gets besides its payload. Nothing of BullMQ is in it. */
export interface JobContext {
  /** Aborted when the worker must stop now; the processor then throws an InterruptedError. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** 1 for the first attempt within the queue. */
  readonly attempt: number;
  /** A failure now would be the last within the queue. */
  readonly isLastAttempt: boolean;
  /** The time in its schedule that the job stands for, however late it is; left out where there is none. */
  readonly scheduledFor?: Date;
  /** Names this process in the attempts it records. */
  readonly worker: string;
  /** Reaches the dashboard; at most about one a second is sent on. */
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
   * Looks whether the work can be done, without doing any: called while a fault keeps the intake closed.
   * @throws OperatorError while it cannot.
   */
  readonly probe?: (signal: AbortSignal) => Promise<void>;
  /** Called when a worker died while it held the job, which is started again: its attempt has no other end. */
  readonly lost?: (payload: PayloadOf<N>, attempt: LostAttempt) => Promise<void>;
  /** Called in place of `process` for a job that has lost too many workers: writes down that it is given up. */
  readonly abandon?: (payload: PayloadOf<N>, error: JobError, context: JobContext) => Promise<void>;
}
