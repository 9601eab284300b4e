import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';

/** What one run of a program took. */
export interface ChildFigures {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** The most resident memory, in MB; 0 where /proc does not tell. */
  readonly peakMegabytes: number;
  readonly output: string;
}

const SAMPLE_MS = 20;
/** The shell tells the times of its child; Node does not. */
const SCRIPT = 'TIMEFORMAT="times %R %U %S"; time "$@"';

/** Runs a program to its end and measures it. @throws Error with its output when it fails */
export async function measureChild(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<ChildFigures> {
  const child = spawn('bash', ['-c', SCRIPT, 'bash', command, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let peakMegabytes = 0;
  const sampling = setInterval(() => {
    for (const pid of childrenOf(child.pid)) peakMegabytes = Math.max(peakMegabytes, peakOf(pid));
  }, SAMPLE_MS);
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const exitCode = await exited;
  clearInterval(sampling);
  const [, wall, user, system] = /times ([\d.]+) ([\d.]+) ([\d.]+)\s*$/.exec(errors) ?? [];
  if (exitCode !== 0)
    throw new Error(`${command} ${args.join(' ')} ended with ${String(exitCode)}: ${errors}`);
  return { seconds: Number(wall), cpuSeconds: Number(user) + Number(system), peakMegabytes, output };
}

/** The CPU time of a process and its threads so far, in seconds. */
export function cpuSecondsOf(pid: number): number {
  const fields = readProc(`${String(pid)}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ');
  // Clock ticks of 10 ms: user and system time.
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** The most resident memory of a process so far, in MB. */
export function peakOf(pid: number): number {
  const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readProc(`${String(pid)}/status`))?.[1] ?? '0';
  return Math.round(Number(kilobytes) / 1024);
}

function childrenOf(pid: number | undefined): number[] {
  const list = pid === undefined ? '' : readProc(`${String(pid)}/task/${String(pid)}/children`);
  return list.split(' ').filter(Boolean).map(Number);
}

function readProc(file: string): string {
  try {
    return readFileSync(`/proc/${file}`, 'utf8');
  } catch {
    // It has ended, or this is not Linux.
    return '';
  }
}
