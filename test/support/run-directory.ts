import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';

export interface RunDirectory {
  readonly directory: string;
  remove(): Promise<void>;
}

/** Creates a directory for this process, and removes those of killed runs. */
export function makeRunDirectory(parent: string): RunDirectory {
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    if (!isAlive(Number(name))) rmSync(path.join(parent, name), { recursive: true, force: true });
  }
  const directory = path.join(parent, String(process.pid));
  mkdirSync(directory, { recursive: true });
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
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
