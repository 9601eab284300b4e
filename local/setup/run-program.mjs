import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { forgetGroup, watchGroup } from './interruption.mjs';
import { SetUpError } from './set-up-error.mjs';

/** How many characters of a program's output are kept from its beginning and from its end. */
const HEAD_LENGTH = 2_000;
const TAIL_LENGTH = 4_000;

/**
 * Runs a program. Its output is shown only when it fails, in the error.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs: number }} options
 * @returns {Promise<string>} what it wrote to standard output
 */
export function runProgram(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let head = '';
    let tail = '';
    const keep = (/** @type {string} */ text) => {
      head += text.slice(0, HEAD_LENGTH - head.length);
      tail = (tail + text).slice(-TAIL_LENGTH);
    };
    const pid = child.pid;
    if (pid !== undefined) watchGroup(pid);
    const timer = setTimeout(() => {
      keep(`\nnot done after ${Math.round(options.timeoutMs / 1000)} s`);
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    }, options.timeoutMs);
    child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      output += text;
      keep(text);
    });
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(new SetUpError(`Starting ${command} failed: ${error.message}`, { cause: error }));
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (pid !== undefined) forgetGroup(pid);
      if (code === 0) resolve(output);
      else
        reject(
          new SetUpError(`${command} ${args[0] ?? ''} failed (${signal ?? code}):\n${excerpt(head, tail)}`),
        );
    });
  });
}

/**
 * The path of a program on the PATH.
 * @param {string} name
 * @param {readonly string[]} [more] directories to search after the PATH
 * @returns {string | undefined}
 */
export function findProgram(name, more = []) {
  const directories = [...(process.env['PATH'] ?? '').split(path.delimiter), ...more];
  return directories
    .filter((directory) => directory !== '')
    .map((directory) => path.join(directory, name))
    .find(isProgram);
}

/** @param {string} file */
export function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/**
 * The first and last lines: some programs say what is wrong first, others last.
 * @param {string} head
 * @param {string} tail
 */
function excerpt(head, tail) {
  const lines = (/** @type {string} */ text) => text.split('\n').filter((line) => line.trim() !== '');
  const last = lines(tail);
  if (last.length <= 12) return last.join('\n');
  const first = lines(head).slice(0, 4);
  return [...first, '…', ...last.slice(-8)].join('\n');
}
