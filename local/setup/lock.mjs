import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { forgetUnfinished, watchUnfinished } from './interruption.mjs';
import { isAlive } from './atomic-directory.mjs';
import { TOOLS } from './paths.mjs';
import { say } from './progress.mjs';

const LOCK_FILE = path.join(TOOLS, 'set-up.lock');
const POLL_MS = 500;

/**
 * Runs `work` while no other set-up of this checkout is running.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function locked(work) {
  mkdirSync(TOOLS, { recursive: true });
  let isWaiting = false;
  while (!tryLock()) {
    if (!isWaiting) say('waiting for another set-up that is running here');
    isWaiting = true;
    await delay(POLL_MS);
  }
  watchUnfinished(LOCK_FILE);
  try {
    return await work();
  } finally {
    rmSync(LOCK_FILE, { force: true });
    forgetUnfinished(LOCK_FILE);
  }
}

function tryLock() {
  try {
    writeFileSync(LOCK_FILE, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
  }
  try {
    // If its owner was killed, the file is removed for the next try. An empty file is one that is being written.
    const owner = readFileSync(LOCK_FILE, 'utf8');
    if (owner !== '' && !isAlive(Number(owner))) rmSync(LOCK_FILE, { force: true });
  } catch {
    // The lock was released in the meantime.
  }
  return false;
}
