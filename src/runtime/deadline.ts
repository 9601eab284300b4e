import { InterruptedError, JobError, TransientError } from '../domain/job-errors.ts';

/** What ends a piece of work that does not end by itself. */
export interface WorkLimits {
  /** The caller's wish to stop. */
  readonly signal: AbortSignal;
  /** The whole work, in milliseconds. */
  readonly deadlineMs: number;
  /** The longest time without a call of `moved`, in milliseconds; left out: only the deadline counts. */
  readonly stallMs?: number;
  /** What is being done, for the error: `reading audio/youtube/x.mp3 from MinIO`. No secrets. */
  readonly what: string;
}

/** Watches one piece of work. Its timers live until `stop` (or disposal). */
export interface Watchdog {
  /** Aborted with a JobError as its reason: timeout, stall, or what the caller's signal said. */
  readonly signal: AbortSignal;
  /** Tells of progress; each call starts the stall time anew. */
  moved(): void;
  stop(): void;
}

/** Timers are a little late on any busy machine; later than this means that the process did not run at all. */
const LATE_MS = 100;

/** Starts a watchdog for work that outlives one call, such as a stream. The caller must stop it. */
export function startWatchdog(limits: WorkLimits): Watchdog {
  const { signal, deadlineMs, stallMs, what } = limits;
  const controller = new AbortController();
  const startedAt = performance.now();
  let movedAt = startedAt;
  let timer: NodeJS.Timeout | undefined;
  let dueAt = startedAt;

  const end = (reason: Error) => {
    stop();
    controller.abort(reason);
  };
  const onCallerAbort = () => {
    end(interruptionOf(signal));
  };
  // One timer for both limits: it is armed for the nearer one and looks again when it fires, so that `moved`
  // costs an assignment only.
  const arm = () => {
    const now = performance.now();
    const lateMs = now - dueAt;
    const untilDeadlineMs = startedAt + deadlineMs - now;
    const untilStallMs = stallMs === undefined ? Infinity : movedAt + stallMs - now;
    if (untilDeadlineMs <= 0) {
      end(new TransientError('timeout', `${what}: not done within ${String(deadlineMs / 1000)} s.`));
    } else if (untilStallMs <= 0 && lateMs <= LATE_MS) {
      end(new TransientError('stall', `${what}: nothing moved for ${String((stallMs ?? 0) / 1000)} s.`));
    } else {
      // A process that slept (a starved or suspended machine) hears only now what came in meanwhile: it looks again.
      const untilLookMs = untilStallMs > 0 ? untilStallMs : Math.min(lateMs, stallMs ?? lateMs);
      // Longer delays overflow Node's timers and would fire at once.
      const delayMs = Math.min(Math.ceil(Math.min(untilDeadlineMs, untilLookMs)), 2 ** 31 - 1);
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
    signal: controller.signal,
    moved() {
      movedAt = performance.now();
    },
    stop,
  };
}

/**
 * Runs work under a deadline and, if `stallMs` is given, a stall limit. The work should listen to the watchdog's
 * signal; if it does not, the returned promise is rejected all the same and the work's later end is ignored.
 * @throws TransientError `timeout` or `stall`; InterruptedError when the caller's signal was aborted (or the
 *   JobError that is its reason); else whatever the work throws.
 */
export async function withDeadline<T>(
  work: (watchdog: Watchdog) => Promise<T>,
  limits: WorkLimits,
): Promise<T> {
  const watchdog = startWatchdog(limits);
  const { signal } = watchdog;
  let onAbort: (() => void) | undefined;
  try {
    if (signal.aborted) throw interruptionOf(signal);
    const aborted = new Promise<never>((_resolve, reject) => {
      onAbort = () => {
        reject(interruptionOf(signal));
      };
      signal.addEventListener('abort', onAbort, { once: true });
    });
    return await Promise.race([work(watchdog), aborted]);
  } catch (error) {
    // Libraries report the abort in forms of their own; the reason says more.
    throw signal.aborted ? interruptionOf(signal) : error;
  } finally {
    watchdog.stop();
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}

/**
 * Waits, unless the signal ends it.
 * @throws InterruptedError, or the JobError that the signal carries.
 */
export async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw interruptionOf(signal);
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
