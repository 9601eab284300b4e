import { createHash } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { hostname } from 'node:os';
import { promisify } from 'node:util';

/** Identifies one process for ever: a process id alone is reused once the process has ended. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Where the id is unique: this boot of this machine, and on Linux this container; 8 hexadecimal digits. */
  readonly space: string;
  /** A digest of its start time; 8 hexadecimal digits. */
  readonly start: string;
}

/** From /proc/PID/stat, proc_pid_stat(5). */
export interface ProcessInfo {
  readonly startedAt: string;
  readonly hasTerminal: boolean;
}

export async function ownIdentity(): Promise<ProcessIdentity> {
  return { pid: process.pid, space: await processSpace(), start: await startOf(process.pid) };
}

/** Whether a process has ended; undefined when it ran where this one cannot see it. */
export async function hasEnded(identity: ProcessIdentity): Promise<boolean | undefined> {
  if (identity.space !== (await processSpace())) return undefined;
  return (await startOf(identity.pid)) !== identity.start;
}

/** Reads the process table of Linux; undefined for a process that does not exist or has ended. */
export async function readProcessInfo(pid: number): Promise<ProcessInfo | undefined> {
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

async function processSpace(): Promise<string> {
  if (process.platform !== 'linux') return digest(hostname());
  const [boot, space] = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    readlink('/proc/self/ns/pid'),
  ]);
  return digest(`${boot.trim()} ${space}`);
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
