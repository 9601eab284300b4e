import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from './atomic-directory.mjs';
import { forgetUnfinished, watchUnfinished } from './interruption.mjs';
import { TOOLS } from './paths.mjs';
import { say } from './progress.mjs';

const LOCK_FILE = path.join(TOOLS, 'set-up.lock');
const POLL_MS = 500;

/**
 * Runs `work` while no other set-up of this checkout is running.
 * @template T
 * @param {() => Promise<T>} work
 * @param {string} [file] another lock, for tests
 * @returns {Promise<T>}
 */
export async function locked(work, file = LOCK_FILE) {
  mkdirSync(path.dirname(file), { recursive: true });
  let isWaiting = false;
  for (let owner = tryLock(file); owner !== undefined; owner = tryLock(file)) {
    if (!isWaiting && owner > 0) say(`waiting for another set-up that is running here (process ${owner})`);
    isWaiting ||= owner > 0;
    await delay(POLL_MS);
  }
  watchUnfinished(file);
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
    forgetUnfinished(file);
  }
}

/**
 * @param {string} file
 * @returns {number | undefined} undefined when this process has the lock, else the process that holds it, or 0 when that
 *   one has just ended
 */
function tryLock(file) {
  if (create(file)) return undefined;
  const content = read(file);
  const owner = content === undefined ? undefined : ownerOf(content);
  if (owner === undefined && content !== undefined) removeAbandoned(file, content);
  return owner ?? 0;
}

/** Creates the lock together with its content, so that nobody reads an empty one. @param {string} file */
function create(file) {
  const own = `${file}.${process.pid}`;
  const content = `${process.pid} ${startTimeOf(process.pid)}`;
  writeFileSync(own, content);
  try {
    try {
      linkSync(own, file);
    } catch (error) {
      if (codeOf(error) === 'EEXIST') throw error;
      // This file system has no hard links.
      writeFileSync(file, content, { flag: 'wx' });
    }
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

/**
 * The process that wrote a lock, if it is still running. A crash of the machine may leave an empty lock, and another
 * program may have the process id by now.
 * @param {string} content
 */
function ownerOf(content) {
  const [pid, startTime = ''] = content.split(' ');
  if (!isAlive(Number(pid))) return undefined;
  return startTime === '' || startTime === startTimeOf(Number(pid)) ? Number(pid) : undefined;
}

/** Field 22 of /proc/PID/stat, proc(5); empty on systems without /proc. @param {number} pid */
function startTimeOf(pid) {
  const stat = read(`/proc/${pid}/stat`) ?? '';
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

/** Removes an abandoned lock, unless another process has replaced it by its own. @param {string} file @param {string} content */
function removeAbandoned(file, content) {
  const moved = `${file}.abandoned-${process.pid}`;
  try {
    renameSync(file, moved);
    if (read(moved) !== content) linkSync(moved, file);
  } catch {
    // Another process removed it, or has taken the lock in the meantime.
  }
  rmSync(moved, { force: true });
}

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return /** @type {NodeJS.ErrnoException} */ (error).code;
}
