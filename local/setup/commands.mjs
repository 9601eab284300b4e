import path from 'node:path';
import { ROOT } from './places.mjs';
import { SetUpError } from './set-up-error.mjs';

/**
 * What has to be there before a command runs: the npm packages; or all programs and servers as well, those that `.env`
 * names left out; or all of them whatever `.env` says (tests and the demo must not touch anybody's real servers).
 * @typedef {'packages' | 'everything' | 'everything-local'} Needs
 * @typedef {{ needs: Needs, args: string[] }} Plan
 */

/** Commands of src/cli/, one file each. */
const PROGRAM_COMMANDS = [
  'enqueue',
  'worker',
  'status',
  'retry',
  'reconcile',
  'sync',
  'doctor',
  'dashboard',
  'collect',
  'snapshot',
  'restore',
  'health',
  'report',
  'notify',
];

/** @type {Record<string, (args: string[]) => Plan>} */
const OTHER_COMMANDS = {
  demo: (args) => ({ needs: 'everything-local', args: [file('local/demo/main.ts'), ...args] }),
  start: (args) => ({ needs: 'everything', args: [file('local/start.ts'), ...args] }),
  test: (args) => ({ needs: 'everything-local', args: jest(args) }),
  // The names come last: the option takes all that follows it.
  'test:unit': (args) => ({ needs: 'packages', args: jest([...args, '--selectProjects', 'unit']) }),
  check: (args) => ({ needs: 'packages', args: [file('local/setup/check.mjs'), ...args] }),
  format: (args) => ({
    needs: 'packages',
    args: [file('node_modules/prettier/bin/prettier.cjs'), '--write', '.', ...args],
  }),
  chaos: (args) => ({ needs: 'everything-local', args: [file('test/chaos/main.ts'), ...args] }),
  bench: (args) => ({ needs: 'everything-local', args: [file('local/setup/bench.mjs'), ...args] }),
};

/**
 * How a command is run.
 * @param {string} name
 * @param {string[]} args
 * @returns {Plan}
 */
export function planOf(name, args) {
  if (PROGRAM_COMMANDS.includes(name))
    return { needs: 'packages', args: [file(`src/cli/${name}.ts`), ...args] };
  const plan = Object.hasOwn(OTHER_COMMANDS, name) ? OTHER_COMMANDS[name] : undefined;
  if (plan === undefined) {
    const names = [...Object.keys(OTHER_COMMANDS), ...PROGRAM_COMMANDS].join(', ');
    throw new SetUpError(`There is no command "${name}". There are: ${names}`, { exitCode: 2 });
  }
  return plan(args);
}

/** @param {string[]} args */
function jest(args) {
  return ['--experimental-vm-modules', file('node_modules/jest/bin/jest.js'), ...args];
}

/** @param {string} relative */
function file(relative) {
  return path.join(ROOT, relative);
}
