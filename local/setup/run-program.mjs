import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { forgetGroup, watchGroup } from './interruption.mjs';
import { SetUpError } from './set-up-error.mjs';

const TAIL_LENGTH = 4_000;

/**
 * Runs a program to its end; its output is only shown when it fails.
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
    let tail = '';
    const pid = child.pid;
    if (pid !== undefined) watchGroup(pid);
    const timer = setTimeout(() => {
      tail += `\nended after ${Math.round(options.timeoutMs / 1000)} s without a result`;
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    }, options.timeoutMs);
    child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      output += text;
      tail = (tail + text).slice(-TAIL_LENGTH);
    });
    child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      tail = (tail + text).slice(-TAIL_LENGTH);
    });
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(new SetUpError(`${command} cannot be started: ${error.message}`, { cause: error }));
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (pid !== undefined) forgetGroup(pid);
      if (code === 0) resolve(output);
      else
        reject(new SetUpError(`${command} ${args[0] ?? ''} failed (${signal ?? code}):\n${lastLines(tail)}`));
    });
  });
}

/**
 * The path of a program on the PATH.
 * @param {string} name
 * @param {readonly string[]} [more] directories to look in as well
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

/** @param {string} text */
function lastLines(text) {
  return text.trim().split('\n').slice(-12).join('\n');
}
