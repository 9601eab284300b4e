import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { measure } from './measure.ts';

/** Linux's unit of processor time for programs (USER_HZ). */
const TICKS_PER_SECOND = 100;
/** Seconds, minutes, hours and days, in seconds. */
const UNITS = [1, 60, 3_600, 86_400];

/**
 * Loaded into every Node of a measured program: what it used, written when it ends. A shell could tell its own child alone, and
 * not a process that is asked in the middle.
 */
const REPORT = `import { appendFileSync } from 'node:fs';
process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  appendFileSync(process.env.BENCH_USE_FILE, JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1e6, peak: maxRSS / 1024 }) + '\\n');
});`;
const REPORTING = `--import=data:text/javascript,${encodeURIComponent(REPORT)}`;

export interface ProgramRun {
  readonly command: string;
  readonly args: readonly string[];
  readonly variables?: Readonly<Record<string, string | undefined>> | undefined;
}

export interface ProgramUse {
  readonly wallSeconds: number;
  /** Of all its Node processes. */
  readonly cpuSeconds: number;
  /** The most memory of its largest Node process. */
  readonly peakMegabytes: number;
}

/** Runs a program to its end. @throws Error when it fails */
export async function runToEnd(run: ProgramRun): Promise<ProgramUse> {
  const child = start(run);
  const { seconds } = await measure(() => child.ended);
  return { wallSeconds: seconds, ...child.used() };
}

export interface ServiceUse {
  /** Until the first line that matches. */
  readonly firstSeconds: number;
  /** Until as many lines as wanted match. */
  readonly allSeconds: number;
  readonly cpuSeconds: number;
  /** Resident, when nothing has happened for a while. */
  readonly idleMegabytes: number;
}

/** Starts a program, waits for lines, then until it is idle, and stops it. */
export async function runUntilIdle(
  run: ProgramRun,
  line: RegExp,
  wanted: number,
  idleMs: number,
): Promise<ServiceUse> {
  const startedAt = performance.now();
  const child = start(run);
  const times: number[] = [];
  const ready = new Promise<void>((resolve) => {
    child.onLine((text) => {
      if (!line.test(text)) return;
      times.push((performance.now() - startedAt) / 1000);
      if (times.length === wanted) resolve();
    });
  });
  await Promise.race([ready, child.ended.then(() => Promise.reject(new Error('It ended too early.')))]);
  const cpuSeconds = cpuSecondsOf(child.pid);
  await delay(idleMs);
  const idleMegabytes = Number(execFileSync('ps', ['-o', 'rss=', '-p', String(child.pid)])) / 1024;
  child.stop();
  await child.ended;
  child.used();
  return { firstSeconds: times[0] ?? 0, allSeconds: times.at(-1) ?? 0, cpuSeconds, idleMegabytes };
}

/** User and system time so far; to a hundredth where the system has /proc, else to a second. */
function cpuSecondsOf(pid: number): number {
  try {
    // The 14th and 15th field of the line; the name before them is in parentheses and may contain blanks.
    const fields =
      readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
        .split(') ')
        .at(-1)
        ?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return cpuSecondsByPs(pid);
  }
}

/** `ps` writes [[days-]hours:]minutes:seconds. */
function cpuSecondsByPs(pid: number): number {
  const text = execFileSync('ps', ['-o', 'time=', '-p', String(pid)])
    .toString()
    .trim();
  return text
    .replace('-', ':')
    .split(':')
    .reverse()
    .reduce((sum, part, index) => sum + Number(part) * (UNITS[index] ?? 0), 0);
}

function start({ command, args, variables }: ProgramRun) {
  const file = path.join(tmpdir(), `sonotheque-bench-use-${randomUUID()}`);
  const child = spawn(command, args, {
    env: { ...process.env, ...variables, NODE_OPTIONS: REPORTING, BENCH_USE_FILE: file },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const { stderr, pid } = child;
  if (pid === undefined) throw new Error(`${command} could not be started.`);
  let said = '';
  const listeners: ((line: string) => void)[] = [];
  stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    for (const one of text.split('\n')) for (const listener of listeners) listener(one);
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${command} ${args.join(' ')} ended with ${String(code)}: ${said}`));
    });
  });
  return {
    pid,
    ended,
    onLine: (listener: (line: string) => void) => listeners.push(listener),
    stop: () => child.kill('SIGTERM'),
    used: () => {
      const uses = readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as { readonly cpu: number; readonly peak: number });
      rmSync(file);
      return {
        cpuSeconds: uses.reduce((sum, { cpu }) => sum + cpu, 0),
        peakMegabytes: Math.max(...uses.map(({ peak }) => peak)),
      };
    },
  };
}
