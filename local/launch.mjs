#!/usr/bin/env node
/**
 * Runs a command of this project: launch.mjs NAME [ARGUMENT …], which is also `sonotheque` (bin in package.json).
 *
 * Plain JavaScript without dependencies, because it runs first on a bare machine. It installs what the command needs, if
 * anything is missing, and then runs the command with a Node that is new enough.
 */
import path from 'node:path';
import { planOf } from './setup/commands.mjs';
import { endWithParent } from './setup/end-with-parent.mjs';
import { ensureEverything } from './setup/full-set-up.mjs';
import { cleanUp, interruptible } from './setup/interruption.mjs';
import { locked } from './setup/lock.mjs';
import { ensureNodeModules, nodeModulesAreCurrent } from './setup/node-modules.mjs';
import { ensureNode, findNode } from './setup/node-runtime.mjs';
import { runCommand } from './setup/run-command.mjs';
import { SetUpError } from './setup/set-up-error.mjs';

const [, , name = '', ...args] = process.argv;
// npm replaces its shell by this process (`exec` in package.json). Without npm the parent may end: nohup, a script.
const stopWatching = process.env['npm_lifecycle_event'] === name ? endWithParent(process.ppid) : () => {};

// Messages name commands as they are typed: `npm run` unless this program was called by its own name.
if (path.basename(process.argv[1] ?? '') === 'sonotheque')
  process.env['COMMAND_PREFIX'] ??= process.env['npm_command'] === 'exec' ? 'npx sonotheque' : 'sonotheque';

try {
  const plan = planOf(name, args);
  if ('help' in plan) {
    process.stdout.write(plan.help);
  } else {
    const node = await interruptible(() => prepare(plan.needs));
    await runCommand(node, plan.args, stopWatching);
  }
} catch (error) {
  cleanUp();
  process.stderr.write(`${error instanceof SetUpError ? error.message : String(error?.stack ?? error)}\n`);
  process.exit(error instanceof SetUpError ? error.exitCode : 1);
}

/**
 * @param {import('./setup/commands.mjs').Needs} needs
 * @returns {Promise<string>} the Node to use
 */
async function prepare(needs) {
  if (needs !== 'packages') return ensureEverything({ withEnvironmentFile: needs === 'everything' });
  const node = findNode();
  if (node !== undefined && nodeModulesAreCurrent()) return node;
  return locked(async () => {
    const [found] = await Promise.all([ensureNode(), ensureNodeModules()]);
    return found;
  });
}
