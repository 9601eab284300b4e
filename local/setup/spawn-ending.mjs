import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    for (const child of running) child.kill('SIGTERM');
    process.exit(128 + constants.signals[signal]);
  });
}

/**
 * Starts a program that a signal to this process ends, too.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 */
export function spawnEnding(command, args, options) {
  const child = spawn(command, args, options);
  running.add(child);
  for (const event of ['exit', 'error']) child.on(event, () => running.delete(child));
  return child;
}
