import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './paths.mjs';
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
      // Without the cache every process loads Node's TypeScript stripper: 20 MB and a part of its start-up time.
      NODE_COMPILE_CACHE: path.join(ROOT, '.sonotheque', 'compile-cache'),
      ...process.env,
      PATH: searchPath(node),
    },
  });
  // In a terminal, Ctrl-C reaches the command directly; a second SIGINT would make it end at once.
  const isTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  process.on('SIGINT', () => isTerminal || child.kill('SIGINT'));
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']))
    process.on(signal, () => child.kill(signal));
  const [code, signal] = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (...ending) => resolve(ending));
  });
  if (signal === null) process.exit(code);
  // If a signal ended it, this process ends by the same one, so that its parent sees the exit code 128 + number.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']) process.removeAllListeners(name);
  process.kill(process.pid, signal);
  // Some signals cannot end this process, for example when it is the first in a container.
  setTimeout(() => process.exit(1), 1000);
}

/** The set-up's programs come first, because a system's own yt-dlp is usually too old. @param {string} node */
function searchPath(node) {
  const own = [...(existsSync(BIN) ? [BIN] : []), ...(node === process.execPath ? [] : [path.dirname(node)])];
  return [...own, process.env['PATH'] ?? ''].join(path.delimiter);
}
