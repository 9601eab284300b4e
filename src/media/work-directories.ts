import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  hasEnded,
  ownIdentity,
  processIdentitySchema,
  type ProcessIdentity,
} from '../runtime/child-owner.ts';
import { endProcessesIn } from '../runtime/child-owner-leftovers.ts';
import { namesIn, readIfThere, statIfThere } from './directory-reading.ts';

/** In each work directory: the process that it belongs to. */
const OWNER_FILE = 'owner.json';

/** Makes a directory of one job's own, marked as this process's. */
export async function createWorkDirectory(workRoot: string): Promise<string> {
  await mkdir(workRoot, { recursive: true });
  const directory = await mkdtemp(path.join(await realpath(workRoot), 'job-'));
  await writeFile(path.join(directory, OWNER_FILE), JSON.stringify(await ownIdentity()));
  return directory;
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
  const owner = await readOwner(directory);
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

async function readOwner(directory: string): Promise<ProcessIdentity | undefined> {
  const text = await readIfThere(path.join(directory, OWNER_FILE));
  if (text === undefined) return undefined;
  try {
    return processIdentitySchema.safeParse(JSON.parse(text)).data;
  } catch {
    // Its writer died in the middle of it.
    return undefined;
  }
}
