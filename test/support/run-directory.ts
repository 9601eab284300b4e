import { mkdirSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';

/** Linux mounts a file system in memory here. */
const MEMORY_DIRECTORY = '/dev/shm';
/** The data of a whole test run stay below 1 GiB. */
const MEMORY_FREE_BYTES = 8 * 1024 ** 3;

export interface RunDirectory {
  readonly directory: string;
  remove(): Promise<void>;
}

/**
 * Creates a directory for this process, and removes those of killed runs. It is in memory where there is enough:
 * the servers sync every write, and a disk that stalls for a minute made tests run into their time limits.
 */
export function makeRunDirectory(onDisk: string): RunDirectory {
  const parent = hasMemoryDirectory()
    ? path.join(MEMORY_DIRECTORY, `sonotheque-${path.basename(onDisk)}`)
    : onDisk;
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    if (!isAlive(Number(name))) rmSync(path.join(parent, name), { recursive: true, force: true });
  }
  const directory = path.join(parent, String(process.pid));
  mkdirSync(directory, { recursive: true });
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}

function hasMemoryDirectory(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY_DIRECTORY);
    return bavail * bsize >= MEMORY_FREE_BYTES;
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
