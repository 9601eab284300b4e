import process from 'node:process';
import { isMainThread } from 'node:worker_threads';

const POLL_MS = 500;

/**
 * Sends SIGTERM to this process once its parent has ended. A parent that is killed, or that dies of a signal without
 * passing it on (npm of SIGHUP), would otherwise leave this process running for ever.
 * @param {number} parent the process id of the parent
 * @returns {() => void} stops watching
 */
export function endWithParent(parent) {
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, POLL_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/**
 * The option with which Node loads this file before a program, so that the program ends with this process.
 * @returns {string}
 */
export function endingWithThisProcess() {
  return `--import=${new URL(`?parent=${process.pid}`, import.meta.url).href}`;
}

const parent = new URL(import.meta.url).searchParams.get('parent');
// Node hands the option on to threads and to forked processes; those end with the program anyway.
if (parent !== null && isMainThread && process.channel === undefined) endWithParent(Number(parent));
