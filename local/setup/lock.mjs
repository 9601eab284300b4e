import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { forgetUnfinished, watchUnfinished } from './interruption.mjs';
import { isAlive } from './into-place.mjs';
import { TOOLS } from './places.mjs';
import { say } from './progress.mjs';

const LOCK_FILE = path.join(TOOLS, 'set-up.lock');
const LOOK_AGAIN_MS = 500;

/**
 * Runs `work` while no other set-up of this checkout does.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function locked(work) {
  mkdirSync(TOOLS, { recursive: true });
  let told = false;
  while (!take()) {
    if (!told) say('another set-up is at work here; waiting for it');
    told = true;
    await pause(LOOK_AGAIN_MS);
  }
  watchUnfinished(LOCK_FILE);
  try {
    return await work();
  } finally {
    rmSync(LOCK_FILE, { force: true });
    forgetUnfinished(LOCK_FILE);
  }
}

function take() {
  try {
    writeFileSync(LOCK_FILE, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
  }
  try {
    // Its owner was killed. An empty file is one that is being written.
    const owner = readFileSync(LOCK_FILE, 'utf8');
    if (owner !== '' && !isAlive(Number(owner))) rmSync(LOCK_FILE, { force: true });
  } catch {
    // It was given back in the meantime.
  }
  return false;
}
