import { readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import { readProcessInfo } from './child-owner.ts';

/** A program that starts others while it is looked for needs a second look; more are a sign of something else. */
const MAX_LOOKS = 5;

/**
 * Kills the programs that still run in a directory which a process that is gone had made for them alone. The place
 * is what tells them from others, so no number of a process can be mistaken. Programs at a terminal are a person's
 * and stay. Linux only; elsewhere nothing is found.
 * @returns how many were killed.
 */
export async function endProcessesIn(directory: string): Promise<number> {
  let killed = 0;
  for (let look = 0; look < MAX_LOOKS; look += 1) {
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
    const place = await readlink(`/proc/${name}/cwd`).catch(() => '');
    if (place !== directory && !place.startsWith(`${directory}${path.sep}`)) continue;
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
