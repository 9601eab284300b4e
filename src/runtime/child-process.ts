import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { childEnvironment } from './child-process-environment.ts';
import { LineSplitter, TextTail } from './child-process-lines.ts';
import {
  ChildWatchdog,
  dataPipeOf,
  type ChildLimits,
  type RunningProgram,
} from './child-process-watchdog.ts';
import { interruptionOf } from './deadline.ts';
import { definedFields } from '../domain/defined-fields.ts';
import { OperatorError, TransientError, type JobError } from '../domain/job-errors.ts';

const STDERR_TAIL_LENGTH = 8 * 1024;

/** Handles one line; while a returned promise is pending, no more is read and the stall time is suspended. */
type LineHandler = (line: string) => Promise<void> | undefined;

export interface RunLinesOptions extends ChildLimits {
  readonly onStdoutLine?: LineHandler;
  readonly onStderrLine?: LineHandler;
  /** What a program started with {@link spawnWithDataPipe} writes to its file descriptor 3. */
  readonly onData?: (chunk: Buffer) => void;
  /** Whether a line counts as progress; left out: every line does. */
  readonly isActivity?: (line: string, stream: 'stdout' | 'stderr') => boolean;
}

/** How a program ended. */
export interface ChildOutcome {
  /** null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines of standard error, at most 8 KiB. */
  readonly stderrTail: string;
  /** Why it was stopped; unset when it ended by itself. */
  readonly endedBy?: 'abort' | 'stall' | 'deadline';
}

/** Starts a program for {@link runLines}, which must follow without an `await` in between. */
export function spawnProgram(program: string, args: readonly string[], directory?: string): ChildProcess {
  return spawnPiped(program, args, directory, ['pipe', 'pipe']);
}

/** As `spawnProgram`, for a program that writes data, not lines, to its file descriptor 3 (`onData`). */
export function spawnWithDataPipe(
  program: string,
  args: readonly string[],
  directory?: string,
): ChildProcess {
  return spawnPiped(program, args, directory, ['pipe', 'pipe', 'pipe']);
}

function spawnPiped(
  program: string,
  args: readonly string[],
  directory: string | undefined,
  outputs: readonly 'pipe'[],
): ChildProcess {
  return spawn(program, args, {
    cwd: directory,
    detached: true,
    env: childEnvironment(),
    stdio: ['ignore', ...outputs],
  });
}

/**
 * The failure of a program that was stopped; undefined when it ended by itself.
 * @param deadlineVariable the environment variable that sets the deadline
 */
export function stoppedError(
  { endedBy }: ChildOutcome,
  signal: AbortSignal,
  program: string,
  deadlineVariable?: string,
): JobError | undefined {
  if (endedBy === undefined) return undefined;
  if (endedBy === 'abort') return interruptionOf(signal);
  if (endedBy === 'stall') {
    return new TransientError('stall', `${program} made no progress for too long and was stopped.`);
  }
  const limit = deadlineVariable === undefined ? 'too long' : `longer than ${deadlineVariable}`;
  return new TransientError('timeout', `${program} took ${limit} and was stopped.`);
}

/**
 * Reads the output of a program, just started with `detached: true` and piped output, until it and its pipes have ended.
 * Leaves no listeners, timers or processes of its group behind.
 * @throws OperatorError `tool_missing` when the program cannot be started, TransientError when the system refused to
 * start it, and whatever a line handler throws (the program is stopped first).
 */
export async function runLines(child: RunningProgram, options: RunLinesOptions): Promise<ChildOutcome> {
  const tail = new TextTail(STDERR_TAIL_LENGTH);
  const watch = new ChildWatchdog(child, options);
  child.stdin?.on('error', ignore);
  child.stdin?.end();
  // Read to the end even without a handler: a full pipe would block the program.
  const readers = [
    readLines(child.stdout, watch, 'stdout', options, options.onStdoutLine),
    readLines(child.stderr, watch, 'stderr', options, (line) => {
      tail.addLine(line);
      return options.onStderrLine?.(line);
    }),
    readData(dataPipeOf(child), options.onData),
  ];
  const read = Promise.all(readers);
  // A failing handler stops the program; the rejection itself is handled below.
  read.catch(() => {
    watch.kill();
  });
  try {
    const exit = await waitForExit(child);
    watch.exited();
    await read;
    return { ...exit, stderrTail: tail.text, ...definedFields({ endedBy: watch.endedBy }) };
  } finally {
    watch.dispose();
    child.stdin?.removeListener('error', ignore);
    await Promise.allSettled(readers);
  }
}

async function readLines(
  stream: Readable | null,
  watch: ChildWatchdog,
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

async function readData(
  stream: Readable | undefined,
  onData: ((chunk: Buffer) => void) | undefined,
): Promise<void> {
  if (stream !== undefined) for await (const chunk of chunksOf(stream)) onData?.(chunk);
}

/** The chunks of a pipe; a pipe that was destroyed early simply ends. */
async function* chunksOf(stream: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of stream) if (Buffer.isBuffer(chunk)) yield chunk;
  } catch (error) {
    if (!stream.readableAborted) throw error;
  }
}

function waitForExit(child: RunningProgram): Promise<Pick<ChildOutcome, 'exitCode' | 'signal'>> {
  return new Promise((resolve, reject) => {
    const onExit = (exitCode: number | null, signal: NodeJS.Signals | null): void => {
      child.removeListener('error', onError);
      resolve({ exitCode, signal });
    };
    const onError = (error: NodeJS.ErrnoException): void => {
      // Without a process there is no `exit` event. Errors of a running one (a signal that failed) change nothing.
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
  return new TransientError('unknown', `The system refused to start ${program} (${reason}).`, {
    cause: error,
  });
}

const ignore = (): void => undefined;
