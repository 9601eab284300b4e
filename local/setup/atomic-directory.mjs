import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { forgetUnfinished, watchUnfinished } from './interruption.mjs';

const PARTIAL = '.partial-';

/**
 * Makes a directory under a temporary name and renames it when it is complete, so that it never exists incomplete.
 * @param {string} target
 * @param {(directory: string) => Promise<void>} make
 */
export async function makeAtomically(target, make) {
  removeAbandoned(target);
  const directory = `${target}${PARTIAL}${process.pid}`;
  watchUnfinished(directory);
  try {
    mkdirSync(directory, { recursive: true });
    await make(directory);
    rmSync(target, { recursive: true, force: true });
    renameSync(directory, target);
  } finally {
    rmSync(directory, { recursive: true, force: true });
    forgetUnfinished(directory);
  }
}

/** Removes the unfinished directories of set-ups that were killed. @param {string} target */
function removeAbandoned(target) {
  const parent = path.dirname(target);
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(path.basename(target) + PARTIAL)) continue;
    if (!isAlive(Number(name.slice(name.lastIndexOf('-') + 1))))
      rmSync(path.join(parent, name), { recursive: true, force: true });
  }
}

/** @param {number} pid */
export function isAlive(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}
