/**
 * The parent of the processes that a command starts. It ends them when that command ends, in whatever way.
 *
 * The command starts this program with an IPC channel and sends it requests (guard-messages.ts). The channel closes
 * when the command has ended, also by SIGKILL; every process then gets SIGTERM and, after its grace period, SIGKILL.
 * The guard has its own process group, so that Ctrl-C in a terminal reaches the command only.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

/** @type {Map<number, { child: import('node:child_process').ChildProcess, graceMs: number }>} */
const running = new Map();
let ending = false;

process.on('message', (/** @type {any} */ request) => {
  if (request.type === 'start') start(request);
  else if (request.type === 'stop') stop(request.id);
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

/** @param {{ id: number, command: string, args: string[], env: Record<string, string>, logFile?: string, graceMs: number }} request */
function start(request) {
  const log = request.logFile === undefined ? undefined : openSync(request.logFile, 'a', 0o600);
  const child = spawn(request.command, request.args, {
    env: request.env,
    detached: true,
    stdio: ['ignore', log ?? 'inherit', log ?? 'inherit'],
  });
  if (log !== undefined) closeSync(log);
  child.on('spawn', () => {
    running.set(request.id, { child, graceMs: request.graceMs });
    report({ type: 'started', id: request.id, pid: child.pid });
    if (ending) stop(request.id);
  });
  child.on('error', (error) => report({ type: 'failed', id: request.id, message: error.message }));
  child.on('exit', (code, signal) => {
    running.delete(request.id);
    report({ type: 'ended', id: request.id, code, signal });
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
    // It has ended in the meantime.
  }
}

/** @param {object} message */
function report(message) {
  if (process.connected) process.send?.(message, () => undefined);
}

function endWhenEmpty() {
  if (running.size === 0) process.exit(0);
}
