import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { forgetUnfinished, watchUnfinished } from './interruption.mjs';

const PARTIAL = '.partial-';

/**
 * Makes a directory under a temporary name and gives it its own when it is complete: it is there whole or not at all.
 * @param {string} target
 * @param {(directory: string) => Promise<void>} make
 */
export async function intoPlace(target, make) {
  sweep(target);
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

/** Removes what a killed set-up left. @param {string} target */
function sweep(target) {
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
