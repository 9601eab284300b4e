import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

/** Identifies one process for ever: a process id alone is reused once the process has ended. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Where the id is unique: this boot of this machine, and on Linux this container; 8 hexadecimal digits. */
  readonly space: string;
  /** A digest of its start time; 8 hexadecimal digits. */
  readonly start: string;
}

/** A program may start others while it is searched for, so the search is repeated. */
const MAX_PASSES = 5;

export async function ownIdentity(): Promise<ProcessIdentity> {
  return { pid: process.pid, space: await processSpace(), start: await startOf(process.pid) };
}

/** Whether a process has ended; undefined when it ran where this one cannot see it. */
export async function hasEnded(identity: ProcessIdentity): Promise<boolean | undefined> {
  if (identity.space !== (await processSpace())) return undefined;
  return (await startOf(identity.pid)) !== identity.start;
}

/**
 * Kills the programs whose working directory is `directory`, or below it: a worker that has ended had created it for
 * them alone. No process id is trusted for this, because ids are reused. Programs with a terminal belong to a person and
 * are left alone. Linux only; elsewhere it finds nothing.
 * @returns the number of killed processes.
 */
export async function endProcessesIn(directory: string): Promise<number> {
  let killed = 0;
  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    const found = await processesIn(directory);
    if (found.length === 0) break;
    for (const pid of found) if (kill(pid)) killed += 1;
  }
  return killed;
}

async function processesIn(directory: string): Promise<number[]> {
  const names = await readdir('/proc').catch(() => []);
  const found: number[] = [];
  for (const name of names) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    // Those of other users cannot be read and are not ours.
    const workingDirectory = await readlink(`/proc/${name}/cwd`).catch(() => '');
    if (workingDirectory !== directory && !workingDirectory.startsWith(`${directory}${path.sep}`)) continue;
    const info = await readProcessInfo(Number(name));
    if (info !== undefined && !info.hasTerminal) found.push(Number(name));
  }
  return found;
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

/** Reads /proc/PID/stat, proc_pid_stat(5); undefined for a process that does not exist or has ended. */
async function readProcessInfo(pid: number) {
  let stat: string;
  try {
    stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The second field is the program's name in brackets, which may contain anything; the third is the state.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = 'X', , , , terminal = '0'] = fields;
  if (state === 'Z' || state === 'X') return undefined;
  return { startedAt: fields[19] ?? '', hasTerminal: terminal !== '0' };
}

/** Which machine this is, since it was started; the same in all its containers. 8 hexadecimal digits. */
export async function bootDigest(): Promise<string> {
  return digest(process.platform === 'linux' ? await bootId() : hostname());
}

async function processSpace(): Promise<string> {
  if (process.platform !== 'linux') return digest(hostname());
  const [boot, space] = await Promise.all([bootId(), readlink('/proc/self/ns/pid')]);
  return digest(`${boot} ${space}`);
}

async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

async function startOf(pid: number): Promise<string> {
  if (process.platform === 'linux') return digest((await readProcessInfo(pid))?.startedAt ?? 'ended');
  try {
    return digest((await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)])).stdout.trim());
  } catch {
    return digest('ended');
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
