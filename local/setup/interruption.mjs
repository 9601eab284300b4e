import { rmSync } from 'node:fs';

/** Process groups to end and unfinished files to remove when the set-up is interrupted. */
const groups = new Set();
const unfinished = new Set();

/** @param {number} pid */
export function watchGroup(pid) {
  groups.add(pid);
}

/** @param {number} pid */
export function forgetGroup(pid) {
  groups.delete(pid);
}

/** @param {string} path */
export function watchUnfinished(path) {
  unfinished.add(path);
}

/** @param {string} path */
export function forgetUnfinished(path) {
  unfinished.delete(path);
}

/**
 * While `work` runs, a signal ends its programs, removes unfinished files, and ends this process with the exit code
 * 128 + the signal's number.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function interruptible(work) {
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
  const handlers = Object.entries(codes).map(([signal, code]) => {
    const handler = () => {
      cleanUp();
      process.stderr.write('[set-up] interrupted; unfinished files were removed\n');
      process.exit(code);
    };
    process.on(signal, handler);
    return { signal, handler };
  });
  try {
    return await work();
  } finally {
    for (const { signal, handler } of handlers) process.off(signal, handler);
  }
}

/** Ends every program of the set-up and removes unfinished files. */
export function cleanUp() {
  for (const pid of groups) {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended in the meantime.
    }
  }
  for (const path of unfinished) rmSync(path, { recursive: true, force: true });
}
