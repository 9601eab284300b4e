import { Readable, type Writable } from 'node:stream';
import { holdGroup, releaseGroup } from './child-owner-guard.ts';
import { MAX_TIMER_MS } from './deadline.ts';

/** Time for a program to end by itself after SIGTERM. */
const KILL_GRACE_MS = 3000;
/** How long the pipes may stay open after the program has ended: a process outside its group may hold them. */
const PIPE_GRACE_MS = 2000;

/** The part of a `ChildProcess` that is needed to run a program. */
export interface RunningProgram {
  /** Undefined when the program could not be started. */
  readonly pid?: number | undefined;
  readonly spawnfile: string;
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  readonly stdio: readonly unknown[];
  readonly exitCode: number | null;
  readonly signalCode: NodeJS.Signals | null;
  kill(signal: NodeJS.Signals): boolean;
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
  once(event: 'exit', listener: (code: number | null, signal: NodeJS.Signals | null) => void): unknown;
  removeListener(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
  removeListener(
    event: 'exit',
    listener: (code: number | null, signal: NodeJS.Signals | null) => void,
  ): unknown;
}

/** When a program is stopped. */
export interface ChildLimits {
  /** Stops the program: SIGTERM to its whole group, SIGKILL after the grace time. */
  readonly signal: AbortSignal;
  /** The longest time without a line that counts as progress. */
  readonly stallMs: number;
  /** For the whole run. */
  readonly deadlineMs: number;
  /** Time to end by itself after SIGTERM; 3 s when left out. */
  readonly killGraceMs?: number;
}

/** The leaders of running groups; the groups are killed when this process exits and can still run code. */
const running = new Set<number>();
const killRunning = (): void => {
  for (const pid of running) killGroup(pid, 'SIGKILL');
};

/**
 * Sends a signal to a program and all descendants in its process group. The program must have been started with
 * `detached: true`, which makes it the leader of its own group.
 * @returns false when the group does not exist (any more).
 */
function killGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

/** The reading end of file descriptor 3 of a program; undefined when it was started without. */
export function dataPipeOf(child: RunningProgram): Readable | undefined {
  const pipe = child.stdio[3];
  return pipe instanceof Readable ? pipe : undefined;
}

function startTimer(delayMs: number, onEnd: () => void): NodeJS.Timeout {
  return setTimeout(onEnd, Math.min(delayMs, MAX_TIMER_MS));
}

/** Stops a program when the signal is aborted, it makes no progress for too long, or it runs for too long. */
export class ChildWatchdog {
  endedBy: 'abort' | 'stall' | 'deadline' | undefined;
  readonly #child: RunningProgram;
  readonly #options: ChildLimits;
  readonly #deadline: NodeJS.Timeout;
  readonly #stall: NodeJS.Timeout;
  #killer: NodeJS.Timeout | undefined;
  #pipes: NodeJS.Timeout | undefined;
  #pauses = 0;
  #exited = false;
  readonly #onAbort = (): void => {
    this.#end('abort');
  };

  constructor(child: RunningProgram, options: ChildLimits) {
    this.#child = child;
    this.#options = options;
    if (child.pid !== undefined) {
      if (running.size === 0) process.on('exit', killRunning);
      running.add(child.pid);
      holdGroup(child.pid);
    }
    this.#deadline = startTimer(options.deadlineMs, () => {
      this.#end('deadline');
    });
    this.#stall = startTimer(options.stallMs, () => {
      if (this.#pauses > 0) this.#stall.refresh();
      else this.#end('stall');
    });
    if (options.signal.aborted) this.#onAbort();
    else options.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  touch(): void {
    if (this.#exited) this.#pipes?.refresh();
    else this.#stall.refresh();
  }

  async during(pause: Promise<void>): Promise<void> {
    this.#pauses += 1;
    try {
      await pause;
    } finally {
      this.#pauses -= 1;
      this.touch();
    }
  }

  kill(): void {
    if (this.#exited || this.#killer !== undefined) return;
    this.#send('SIGTERM');
    this.#killer = setTimeout(() => {
      this.#send('SIGKILL');
    }, this.#options.killGraceMs ?? KILL_GRACE_MS);
  }

  /** Call it when the program has ended: kills the rest of its group, and closes pipes that others keep open. */
  exited(): void {
    this.#exited = true;
    clearTimeout(this.#killer);
    clearTimeout(this.#stall);
    clearTimeout(this.#deadline);
    if (this.#child.pid !== undefined) {
      killGroup(this.#child.pid, 'SIGKILL');
      releaseGroup(this.#child.pid);
    }
    this.#pipes = setTimeout(() => {
      // A slow line handler still reads what the program wrote before it ended.
      if (this.#pauses > 0) {
        this.#pipes?.refresh();
        return;
      }
      this.#child.stdout?.destroy();
      this.#child.stderr?.destroy();
      dataPipeOf(this.#child)?.destroy();
    }, PIPE_GRACE_MS);
  }

  dispose(): void {
    for (const timer of [this.#deadline, this.#stall, this.#killer, this.#pipes]) clearTimeout(timer);
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    if (this.#child.pid === undefined || !running.delete(this.#child.pid)) return;
    releaseGroup(this.#child.pid);
    if (running.size === 0) process.removeListener('exit', killRunning);
  }

  #end(reason: 'abort' | 'stall' | 'deadline'): void {
    if (this.#exited) return;
    this.endedBy ??= reason;
    this.kill();
  }

  #send(signal: NodeJS.Signals): void {
    if (this.#child.pid !== undefined && !killGroup(this.#child.pid, signal)) this.#child.kill(signal);
  }
}
