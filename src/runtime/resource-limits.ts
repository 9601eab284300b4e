import { execFile } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { childEnvironment } from './child-process-environment.ts';

/** What one run of a program may use; the system ends a program that wants more (getrlimit(2)). */
export interface ResourceLimits {
  /** The size of each file that it writes. */
  readonly fileBytes: number;
  /** Memory that belongs to it alone (RLIMIT_DATA). */
  readonly memoryBytes: number;
  /** Processor time. */
  readonly cpuSeconds: number;
}

const LIMITER = 'prlimit';
const TRIAL_MS = 10_000;
/** The lines of /proc/self/limits for them, proc_pid_limits(5). */
const LINES = { fsize: 'Max file size', data: 'Max data size', cpu: 'Max cpu time' } as const;

/** Looked up once: the program that sets limits, and the limits that this process has itself. */
let limiter: Promise<{ readonly program: string; readonly own: string } | undefined> | undefined;

/**
 * The call of a program under limits, by `prlimit` of util-linux, which becomes the program: process id and exit code are
 * those of the program. Where there is none (not Linux, or not permitted), the call is returned as it is.
 */
export async function withLimits(
  program: string,
  args: readonly string[],
  limits: ResourceLimits,
): Promise<readonly [program: string, args: readonly string[]]> {
  const found = await (limiter ??= findLimiter());
  const file = locateProgram(program);
  // A program that is missing must be reported as missing, not as a failure of prlimit.
  if (found === undefined || file === undefined) return [program, args];
  const limit = (name: keyof typeof LINES, value: number) => {
    // No limit can be raised above the one that holds for this process.
    const own = found.own
      .split('\n')
      .find((line) => line.startsWith(LINES[name]))
      ?.slice(LINES[name].length)
      .trim()
      .split(/\s+/)[1];
    const most = Number(own);
    return `--${name}=${String(Math.ceil(Number.isFinite(most) ? Math.min(value, most) : value))}`;
  };
  return [
    found.program,
    [
      limit('fsize', limits.fileBytes),
      limit('data', limits.memoryBytes),
      limit('cpu', limits.cpuSeconds),
      '--core=0',
      '--',
      file,
      ...args,
    ],
  ];
}

/** The path of a program: as given when it contains a directory, else the first on the PATH; undefined if it is missing. */
export function locateProgram(program: string): string | undefined {
  if (program.includes(path.sep)) return isExecutable(program) ? program : undefined;
  return (childEnvironment()['PATH'] ?? '')
    .split(path.delimiter)
    .map((directory) => path.join(directory, program))
    .find(isExecutable);
}

/** Whether limits can be set on this machine. */
export async function findLimiter(): Promise<{ readonly program: string; readonly own: string } | undefined> {
  const program = locateProgram(LIMITER);
  if (program === undefined) return undefined;
  try {
    const own = readFileSync('/proc/self/limits', 'utf8');
    const trial = ['--fsize=1', '--data=1000000000', '--cpu=10', '--core=0', '--', program, '--version'];
    await promisify(execFile)(program, trial, { timeout: TRIAL_MS, env: childEnvironment() });
    return { program, own };
  } catch {
    // The limits cannot be read, or may not be set.
    return undefined;
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
