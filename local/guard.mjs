/**
 * Owns the processes that a command started, and ends them when that command ends, however it ends.
 *
 * The command starts this program with an IPC channel and sends it orders (guard-messages.ts). The channel breaks
 * when the command is gone, SIGKILL included; then every process is asked to stop, and killed when it does not.
 * It has a process group of its own, so that Ctrl-C in a terminal reaches the command only.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

/** @type {Map<number, { child: import('node:child_process').ChildProcess, graceMs: number }>} */
const running = new Map();
let ending = false;

process.on('message', (/** @type {any} */ order) => {
  if (order.type === 'start') start(order);
  else if (order.type === 'stop') stop(order.id);
});
process.on('disconnect', () => {
  ending = true;
  for (const id of running.keys()) stop(id);
  endWhenEmpty();
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (process.connected) process.disconnect();
  });
}

/** @param {{ id: number, command: string, args: string[], env: Record<string, string>, logFile?: string, graceMs: number }} order */
function start(order) {
  const log = order.logFile === undefined ? undefined : openSync(order.logFile, 'a', 0o600);
  const child = spawn(order.command, order.args, {
    env: order.env,
    detached: true,
    stdio: ['ignore', log ?? 'inherit', log ?? 'inherit'],
  });
  if (log !== undefined) closeSync(log);
  child.on('spawn', () => {
    running.set(order.id, { child, graceMs: order.graceMs });
    tell({ type: 'started', id: order.id, pid: child.pid });
    if (ending) stop(order.id);
  });
  child.on('error', (error) => tell({ type: 'failed', id: order.id, message: error.message }));
  child.on('exit', (code, signal) => {
    running.delete(order.id);
    tell({ type: 'ended', id: order.id, code, signal });
    if (ending) endWhenEmpty();
  });
}

/** @param {number} id */
function stop(id) {
  const entry = running.get(id);
  if (entry === undefined) return;
  signalGroup(entry.child, 'SIGTERM');
  setTimeout(() => {
    if (running.has(id)) signalGroup(entry.child, 'SIGKILL');
  }, entry.graceMs).unref();
}

/** @param {import('node:child_process').ChildProcess} child @param {NodeJS.Signals} signal */
function signalGroup(child, signal) {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // It ended in the meantime.
  }
}

/** @param {object} message */
function tell(message) {
  if (process.connected) process.send?.(message, () => undefined);
}

function endWhenEmpty() {
  if (running.size === 0) process.exit(0);
}
