import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { LineSplitter, TextTail } from './child-process-lines.ts';
import { OperatorError, TransientError } from './job-errors.ts';

/** How long a program may take to end by itself after SIGTERM. */
const KILL_GRACE_MS = 3000;
/** How long the pipes of a program that has ended may stay open: something outside its group holds them. */
const PIPE_GRACE_MS = 2000;
const STDERR_TAIL_LENGTH = 8 * 1024;
/** Longer delays overflow the timers of Node and would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Takes one line; while a returned promise is pending, nothing more is read and the stall clock rests. */
type LineHandler = (line: string) => Promise<void> | undefined;

/** Limits and listeners of one run of a program. */
export interface RunLinesOptions {
  /** Ends the program: SIGTERM to its whole group, SIGKILL after the grace time. */
  readonly signal: AbortSignal;
  /** The longest time without a line that counts as activity. */
  readonly stallMs: number;
  /** The longest time for the whole run. */
  readonly deadlineMs: number;
  readonly onStdoutLine?: LineHandler;
  readonly onStderrLine?: LineHandler;
  /** Whether a line shows that the work goes on; by default every line does. */
  readonly isActivity?: (line: string, stream: 'stdout' | 'stderr') => boolean;
  readonly killGraceMs?: number;
}

/** How a program ended. */
export interface ChildOutcome {
  /** null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines of standard error, at most 8 KiB. */
  readonly stderrTail: string;
  /** Set when it was ended from here, and why. */
  readonly endedBy?: 'abort' | 'stall' | 'deadline';
}

/** The leaders of groups that run now; their groups are killed when this process exits for any reason it notices. */
const running = new Set<number>();
const killRunning = (): void => {
  for (const pid of running) killGroup(pid, 'SIGKILL');
};

/**
 * Sends a signal to a program and all its descendants that stayed in its process group. The program must have
 * been started with `detached: true`, which makes it the leader of a group of its own.
 * @returns false when there is no such group (any more).
 */
function killGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

/**
 * Follows a program, just started with `detached: true` and piped output, until it and its pipes have ended.
 * Always settles and leaves no listeners, timers or members of the group behind.
 * @throws OperatorError `tool_missing` when the program could not be started, TransientError when the system
 * refused it, and whatever a line handler throws (the program is ended first).
 */
export async function runLines(child: ChildProcess, options: RunLinesOptions): Promise<ChildOutcome> {
  const tail = new TextTail(STDERR_TAIL_LENGTH);
  const watch = new Watchdog(child, options);
  child.stdin?.on('error', ignore);
  child.stdin?.end();
  // Read to the end even without a listener: a full pipe would stop the program.
  const readers = [
    readLines(child.stdout, watch, 'stdout', options, options.onStdoutLine),
    readLines(child.stderr, watch, 'stderr', options, (line) => {
      tail.addLine(line);
      return options.onStderrLine?.(line);
    }),
  ];
  const read = Promise.all(readers);
  // A failing handler ends the program; the rejection itself is taken up below.
  read.catch(() => {
    watch.kill();
  });
  try {
    const exit = await waitForExit(child);
    watch.exited();
    await read;
    return {
      ...exit,
      stderrTail: tail.text,
      ...(watch.endedBy === undefined ? {} : { endedBy: watch.endedBy }),
    };
  } finally {
    watch.dispose();
    child.stdin?.removeListener('error', ignore);
    await Promise.allSettled(readers);
  }
}

/** Ends the program when it is aborted, silent for too long or running for too long. */
class Watchdog {
  endedBy: 'abort' | 'stall' | 'deadline' | undefined;
  readonly #child: ChildProcess;
  readonly #options: RunLinesOptions;
  readonly #deadline: NodeJS.Timeout;
  readonly #stall: NodeJS.Timeout;
  #killer: NodeJS.Timeout | undefined;
  #pipes: NodeJS.Timeout | undefined;
  #pauses = 0;
  #exited = false;
  readonly #onAbort = (): void => {
    this.#end('abort');
  };

  constructor(child: ChildProcess, options: RunLinesOptions) {
    this.#child = child;
    this.#options = options;
    if (child.pid !== undefined) {
      if (running.size === 0) process.on('exit', killRunning);
      running.add(child.pid);
    }
    this.#deadline = setTimeout(
      () => {
        this.#end('deadline');
      },
      Math.min(options.deadlineMs, LONGEST_TIMER_MS),
    );
    this.#stall = setTimeout(
      () => {
        if (this.#pauses > 0) this.#stall.refresh();
        else this.#end('stall');
      },
      Math.min(options.stallMs, LONGEST_TIMER_MS),
    );
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

  /** The leader is gone: what it left behind in its group is ended, and pipes held from outside are let go. */
  exited(): void {
    this.#exited = true;
    clearTimeout(this.#killer);
    clearTimeout(this.#stall);
    clearTimeout(this.#deadline);
    if (this.#child.pid !== undefined) killGroup(this.#child.pid, 'SIGKILL');
    this.#pipes = setTimeout(() => {
      // A slow listener still reads what the program wrote before it ended.
      if (this.#pauses > 0) {
        this.#pipes?.refresh();
        return;
      }
      this.#child.stdout?.destroy();
      this.#child.stderr?.destroy();
    }, PIPE_GRACE_MS);
  }

  dispose(): void {
    for (const timer of [this.#deadline, this.#stall, this.#killer, this.#pipes]) clearTimeout(timer);
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    if (this.#child.pid !== undefined && running.delete(this.#child.pid) && running.size === 0) {
      process.removeListener('exit', killRunning);
    }
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

async function readLines(
  stream: Readable | null,
  watch: Watchdog,
  name: 'stdout' | 'stderr',
  options: RunLinesOptions,
  handler: LineHandler | undefined,
): Promise<void> {
  if (stream === null) return;
  const splitter = new LineSplitter();
  const take = async (lines: readonly string[]): Promise<void> => {
    for (const line of lines) {
      if (options.isActivity?.(line, name) ?? true) watch.touch();
      const pause = handler?.(line);
      if (pause !== undefined) await watch.during(pause);
    }
  };
  for await (const chunk of chunksOf(stream)) await take(splitter.push(chunk));
  await take(splitter.flush());
}

/** The chunks of a pipe; a pipe that was let go of early simply ends. */
async function* chunksOf(stream: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of stream) if (Buffer.isBuffer(chunk)) yield chunk;
  } catch (error) {
    if (!stream.readableAborted) throw error;
  }
}

function waitForExit(
  child: ChildProcess,
): Promise<{ exitCode: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    const onExit = (exitCode: number | null, signal: NodeJS.Signals | null): void => {
      child.removeListener('error', onError);
      resolve({ exitCode, signal });
    };
    const onError = (error: NodeJS.ErrnoException): void => {
      // Without a process there is no exit. Errors of a living one (a signal that failed) change nothing.
      if (child.pid !== undefined) return;
      child.removeListener('exit', onExit);
      child.removeListener('error', onError);
      reject(spawnFailure(child.spawnfile, error));
    };
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve({ exitCode: child.exitCode, signal: child.signalCode });
      return;
    }
    child.once('exit', onExit);
    child.on('error', onError);
  });
}

function spawnFailure(program: string, error: NodeJS.ErrnoException): Error {
  const reason = error.code ?? error.message;
  if (reason === 'ENOENT' || reason === 'EACCES' || reason === 'ENOEXEC') {
    return new OperatorError('tool_missing', `The program ${program} cannot be started (${reason}).`, {
      cause: error,
    });
  }
  return new TransientError('unknown', `The system did not start ${program} (${reason}).`, { cause: error });
}

const ignore = (): void => undefined;
