import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { planOf } from './commands.mjs';
import { endWithParent } from './end-with-parent.mjs';
import { cleanUp, interruptible } from './interruption.mjs';
import { nodeModulesAreCurrent } from './node-modules.mjs';
import { findNode } from './node-runtime.mjs';
import { ROOT } from './paths.mjs';
import { searchPath } from './search-path.mjs';
import { SetUpError } from './set-up-error.mjs';

/** Older ones print a warning that TypeScript is experimental, which only an option at their start keeps away. */
const QUIET_NODE = 24;

/**
 * Installs what a command needs, if anything is missing, and runs it with a Node that is new enough.
 * @param {string[]} words the name of the command and its arguments
 */
export async function launch([name = '', ...args]) {
  // npm replaces its shell by this process (`exec` in package.json). Without npm the parent may end: nohup, a script.
  const stopWatching = process.env['npm_lifecycle_event'] === name ? endWithParent(process.ppid) : () => {};
  // Messages name commands as they are typed: `npm run` unless this program was called by its own name.
  if (path.basename(process.argv[1] ?? '') === 'sonotheque')
    process.env['COMMAND_PREFIX'] ??= process.env['npm_command'] === 'exec' ? 'npx sonotheque' : 'sonotheque';
  rememberDirectory();
  try {
    const plan = planOf(name, args);
    if ('help' in plan) {
      process.stdout.write(plan.help);
      return;
    }
    const node = await interruptible(() => prepare(plan.needs));
    const isQuiet = Number.parseInt(process.versions.node, 10) >= QUIET_NODE;
    if (plan.runsHere && node === process.execPath && isQuiet) {
      await runHere(plan.program, args, stopWatching);
    } else {
      const { runCommand } = await import('./run-command.mjs');
      await runCommand(
        node,
        [...plan.nodeOptions, plan.program, ...args, ...plan.moreArguments],
        stopWatching,
      );
    }
  } catch (error) {
    cleanUp();
    process.stderr.write(`${error instanceof SetUpError ? error.message : String(error?.stack ?? error)}\n`);
    process.exit(error instanceof SetUpError ? error.exitCode : 1);
  }
}

/**
 * Programs run in the root of the checkout, where `.env` is. Files that a person names are looked up where the person is
 * (src/cli/command/user-path.ts): npm tells where it was called, `sonotheque` is called there.
 */
function rememberDirectory() {
  const directory = process.env['npm_command'] === undefined ? process.cwd() : process.env['INIT_CWD'];
  if (directory === undefined || directory === ROOT) delete process.env['COMMAND_DIRECTORY'];
  else process.env['COMMAND_DIRECTORY'] = directory;
}

/**
 * Runs a program in this process, which saves the start and the memory of another.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {() => void} onSignal called for each signal
 */
async function runHere(program, args, onSignal) {
  process.chdir(ROOT);
  process.env['PATH'] = searchPath(process.execPath);
  process.argv.splice(1, process.argv.length - 1, program, ...args);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, function listener() {
      onSignal();
      // Until the program listens itself, the signal ends the process, as it does without a listener.
      if (process.listenerCount(signal) > 1) return;
      process.off(signal, listener);
      process.kill(process.pid, signal);
    });
  }
  await import(pathToFileURL(program).href);
}

/**
 * @param {import('./commands.mjs').Needs} needs
 * @returns {Promise<string>} the Node to use
 */
async function prepare(needs) {
  const node = findNode();
  if (needs === 'packages' && node !== undefined && nodeModulesAreCurrent()) return node;
  const { ensureEverything, ensurePackages } = await import('./full-set-up.mjs');
  if (needs === 'packages') return ensurePackages();
  if (needs === 'tests') await (await import('./test-programs.mjs')).ensureTestPrograms();
  return ensureEverything({ withEnvironmentFile: needs === 'everything' });
}
