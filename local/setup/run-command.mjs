import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './places.mjs';
import { BIN } from './python.mjs';

/**
 * Runs a command with this process's own input and output, and ends this process as the command ended.
 * @param {string} node
 * @param {readonly string[]} args
 */
export async function runCommand(node, args) {
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...args], {
    cwd: ROOT,
    stdio: 'inherit',
    env: {
      // Without the cache Node loads its TypeScript stripper in every process: 20 MB and a part of each start.
      NODE_COMPILE_CACHE: path.join(ROOT, '.sonotheque', 'compile-cache'),
      ...process.env,
      PATH: searchPath(node),
    },
  });
  // In a terminal, Ctrl-C reaches the command by itself; it takes a second one as "at once".
  const isTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  process.on('SIGINT', () => isTerminal || child.kill('SIGINT'));
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']))
    process.on(signal, () => child.kill(signal));
  const [code, signal] = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (...ending) => resolve(ending));
  });
  if (signal === null) process.exit(code);
  // Ended by a signal: this process ends by the same one, so that who waits for it sees 128 + its number.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']) process.removeAllListeners(name);
  process.kill(process.pid, signal);
  // Some signals cannot end this process (its first in a container, for one).
  setTimeout(() => process.exit(1), 1000);
}

/** The programs of the set-up go first: a system's own yt-dlp is mostly too old. @param {string} node */
function searchPath(node) {
  const own = [...(existsSync(BIN) ? [BIN] : []), ...(node === process.execPath ? [] : [path.dirname(node)])];
  return [...own, process.env['PATH'] ?? ''].join(path.delimiter);
}
