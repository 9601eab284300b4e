import { readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import { readProcessInfo } from './child-owner.ts';

/** A program may start others while it is searched for, so the search is repeated. */
const MAX_PASSES = 5;

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
