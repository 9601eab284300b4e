import { spawn } from 'node:child_process';
import { endingWithThisProcess } from './end-with-parent.mjs';
import { ROOT } from './paths.mjs';
import { searchPath } from './search-path.mjs';

const FORWARDED = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']);

/**
 * Runs a command in another process with this process's own input and output, and ends this process as the command ended.
 * @param {string} node
 * @param {readonly string[]} args
 * @param {() => void} onSignal called for each signal that is passed on to the command
 */
export async function runCommand(node, args, onSignal) {
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', endingWithThisProcess(), ...args], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, PATH: searchPath(node) },
  });
  // In a terminal, Ctrl-C reaches the command directly, too: commands count signals that are this close as one.
  for (const signal of FORWARDED)
    process.on(signal, () => {
      onSignal();
      child.kill(signal);
    });
  const [code, signal] = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (...ending) => resolve(ending));
  });
  if (signal === null) process.exit(code);
  // If a signal ended it, this process ends by the same one, so that its parent sees the exit code 128 + number.
  for (const name of FORWARDED) process.removeAllListeners(name);
  process.kill(process.pid, signal);
  // Some signals cannot end this process, for example when it is the first in a container.
  setTimeout(() => process.exit(1), 1000);
}
