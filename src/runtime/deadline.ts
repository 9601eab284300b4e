import { InterruptedError, JobError, TransientError } from '../domain/job-errors.ts';

/** Limits of a piece of work. */
export interface DeadlineOptions {
  /** The caller's; left out for work that nobody interrupts. */
  readonly signal?: AbortSignal;
  /** For the whole work. */
  readonly deadlineMs: number;
  /** The longest time without a call of `noteProgress`; left out: only the deadline counts. */
  readonly stallMs?: number;
  /** What is being done, for the error: `reading audio/youtube/x.mp3 from MinIO`. No secrets. */
  readonly what: string;
}

/** A running deadline. Its timer lives until it fires or `stop` is called. */
export type Deadline = ReturnType<typeof startDeadline>;

/** Longer delays overflow the timers of Node and would fire at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;
/** Timers are a little late on a busy machine; later than this means that the process did not run at all. */
const LATE_MS = 100;

/** Starts a deadline for work that outlives one call, such as a stream. The caller must stop it. */
export function startDeadline({
  signal = new AbortController().signal,
  deadlineMs,
  stallMs,
  what,
}: DeadlineOptions) {
  const controller = new AbortController();
  const startedAt = performance.now();
  let progressAt = startedAt;
  let timer: NodeJS.Timeout | undefined;
  let dueAt = startedAt;

  const end = (reason: Error) => {
    stop();
    controller.abort(reason);
  };
  const onCallerAbort = () => {
    end(interruptionOf(signal));
  };
  // One timer for both limits: it is set for the nearer one and checks again when it fires, so that `noteProgress`
  // costs only an assignment.
  const arm = () => {
    const now = performance.now();
    const lateMs = now - dueAt;
    const untilDeadlineMs = startedAt + deadlineMs - now;
    const untilStallMs = stallMs === undefined ? Infinity : progressAt + stallMs - now;
    if (untilDeadlineMs <= 0) {
      end(new TransientError('timeout', `${what}: not done within ${String(deadlineMs / 1000)} s.`));
    } else if (untilStallMs <= 0 && lateMs <= LATE_MS) {
      end(new TransientError('stall', `${what}: no progress for ${String((stallMs ?? 0) / 1000)} s.`));
    } else {
      // A process that did not run (a starved or suspended machine) has yet to handle the events that came in
      // meanwhile: it gets time for them before this counts as a stall.
      const untilCheckMs = untilStallMs > 0 ? untilStallMs : Math.min(lateMs, stallMs ?? lateMs);
      const delayMs = Math.min(Math.ceil(Math.min(untilDeadlineMs, untilCheckMs)), MAX_TIMER_MS);
      dueAt = now + delayMs;
      timer = setTimeout(arm, delayMs);
    }
  };
  const stop = () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onCallerAbort);
  };

  if (signal.aborted) {
    controller.abort(interruptionOf(signal));
  } else {
    signal.addEventListener('abort', onCallerAbort, { once: true });
    arm();
  }
  return {
    /** Aborted with a JobError as its reason: timeout, stall, or the reason of the caller's signal. */
    signal: controller.signal,
    /** Restarts the stall time. */
    noteProgress: (): void => {
      progressAt = performance.now();
    },
    stop,
  };
}

/**
 * Runs work under a deadline and, if `stallMs` is given, a stall limit. The work should listen to the signal of the
 * deadline; if it does not, the returned promise is rejected all the same and the result of the work is ignored.
 * @throws TransientError `timeout` or `stall`; InterruptedError when the caller's signal was aborted (or the
 *   JobError that is its reason); else whatever the work throws.
 */
export async function withDeadline<T>(
  work: (deadline: Deadline) => Promise<T>,
  options: DeadlineOptions,
): Promise<T> {
  const deadline = startDeadline(options);
  const { signal } = deadline;
  try {
    if (signal.aborted) throw interruptionOf(signal);
    const aborted = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        reject(interruptionOf(signal));
      });
    });
    return await Promise.race([work(deadline), aborted]);
  } catch (error) {
    // Libraries report an abort with errors of their own; the reason says more.
    throw signal.aborted ? interruptionOf(signal) : error;
  } finally {
    // Nothing aborts its signal afterwards.
    deadline.stop();
  }
}

/** @throws InterruptedError when the signal is aborted (or the JobError that is its reason). */
export async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(interruptionOf(signal));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, delayMs);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** The error that an aborted signal stands for: its reason if that is a JobError, else an interruption. */
export function interruptionOf(signal: AbortSignal): JobError {
  const reason: unknown = signal.reason;
  return reason instanceof JobError ? reason : new InterruptedError(undefined, { cause: reason });
}
