import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Linux's unit of processor time for programs (USER_HZ). */
const TICKS_PER_SECOND = 100;

/** The processor time of a process so far, in seconds; 0 where /proc does not tell. */
export interface ProcessTimes {
  readonly own: number;
  /** Of its children that have ended and were waited for, with theirs. */
  readonly endedChildren: number;
}

/** proc_pid_stat(5): own user and system time, then those of the children. */
export function processTimes(pid: number): ProcessTimes {
  const stat = readProc(`${String(pid)}/stat`);
  // The name before the fields is in parentheses and may contain anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const seconds = (index: number) => Number(fields[index] ?? 0) / TICKS_PER_SECOND;
  return { own: seconds(11) + seconds(12), endedChildren: seconds(13) + seconds(14) };
}

export function childrenOf(pid: number): number[] {
  return readProc(`${String(pid)}/task/${String(pid)}/children`)
    .split(' ')
    .filter(Boolean)
    .map(Number);
}

/** The words of a command, or an empty text when the process has ended. */
export function commandOf(pid: number): string {
  return readProc(`${String(pid)}/cmdline`)
    .replaceAll('\0', ' ')
    .trim();
}

/** The resident memory of a process now, in MB; 0 where /proc does not tell. */
export function residentMegabytesOf(pid: number): number {
  return Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(readProc(`${String(pid)}/status`))?.[1] ?? 0) / 1024);
}

/** The process of this machine that listens on a port of its own addresses; undefined when none is found. */
export function listenerOf(port: number): number | undefined {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const LISTENS = '0A';
  const inodes = new Set(
    ['net/tcp', 'net/tcp6'].flatMap((file) =>
      readProc(file)
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
        .filter((fields) => (fields[1] ?? '').endsWith(wanted) && fields[3] === LISTENS)
        .map((fields) => `socket:[${fields[9] ?? ''}]`),
    ),
  );
  return processIds().find((pid) => openFiles(pid).some((file) => inodes.has(file)));
}

function processIds(): number[] {
  return list('/proc').map(Number).filter(Number.isInteger);
}

function openFiles(pid: number): string[] {
  const directory = `/proc/${String(pid)}/fd`;
  return list(directory).map((name) => {
    try {
      return readlinkSync(`${directory}/${name}`);
    } catch {
      return '';
    }
  });
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    // It has ended, belongs to another user, or this is not Linux.
    return [];
  }
}

function readProc(file: string): string {
  try {
    return readFileSync(`/proc/${file}`, 'utf8');
  } catch {
    return '';
  }
}
