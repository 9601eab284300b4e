import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { hasEnded, ownIdentity, type ProcessIdentity } from '../runtime/child-owner.ts';
import { endProcessesIn } from '../runtime/child-owner-leftovers.ts';
import { namesIn, statIfThere } from '../runtime/directory-reading.ts';

/** The name says whose it is, so that there is no moment in which it is nobody's. */
const NAME = /^job\.(\d+)\.([0-9a-f]{8})\.([0-9a-f]{8})\./;

/** Makes a directory of one job's own, marked as this process's. */
export async function createWorkDirectory(workRoot: string): Promise<string> {
  await mkdir(workRoot, { recursive: true });
  const { pid, space, start } = await ownIdentity();
  return await mkdtemp(path.join(await realpath(workRoot), `job.${String(pid)}.${space}.${start}.`));
}

/**
 * Removes the directories of processes that have ended, and of the unknown ones (of other machines and containers)
 * those that nothing has touched for this long; what still runs there is ended first.
 * @returns how many were removed.
 */
export async function pruneWork(workRoot: string, olderThanMs: number): Promise<number> {
  let removed = 0;
  for await (const name of namesIn(workRoot)) {
    const directory = path.join(await realpath(workRoot), name);
    if (!(await isAbandoned(directory, olderThanMs))) continue;
    await endProcessesIn(directory);
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
    removed += 1;
  }
  return removed;
}

async function isAbandoned(directory: string, olderThanMs: number): Promise<boolean> {
  const owner = ownerOf(path.basename(directory));
  const ended = owner === undefined ? undefined : await hasEnded(owner);
  return ended ?? Date.now() - (await lastTouchedAt(directory)) >= olderThanMs;
}

/** In milliseconds; a directory that is being removed counts as touched. */
async function lastTouchedAt(directory: string): Promise<number> {
  let touchedAt = (await statIfThere(directory))?.mtimeMs ?? Infinity;
  // The files count as well: a long download changes its file and not the directory.
  for await (const inner of namesIn(directory)) {
    touchedAt = Math.max(touchedAt, (await statIfThere(path.join(directory, inner)))?.mtimeMs ?? 0);
  }
  return touchedAt;
}

function ownerOf(name: string): ProcessIdentity | undefined {
  const [, pid = '', space = '', start = ''] = NAME.exec(name) ?? [];
  return pid === '' ? undefined : { pid: Number(pid), space, start };
}
