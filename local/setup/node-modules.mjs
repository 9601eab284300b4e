import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './places.mjs';
import { step } from './progress.mjs';
import { runProgram } from './run-program.mjs';
import { SetUpError } from './set-up-error.mjs';

const STAMP = path.join(ROOT, 'node_modules', '.sonotheque-lock');

/** Whether node_modules holds what package-lock.json asks for. Takes a few milliseconds. */
export function nodeModulesAreCurrent() {
  const lock = readFileSync(path.join(ROOT, 'package-lock.json'));
  const wanted = createHash('sha256').update(lock).digest('hex');
  try {
    if (readFileSync(STAMP, 'utf8') === wanted) return true;
  } catch {
    // Never stamped: npm itself may have installed them.
  }
  if (!npmInstalled(JSON.parse(lock.toString()))) return false;
  writeFileSync(STAMP, wanted);
  return true;
}

/**
 * npm writes what it installed into node_modules as its last act.
 * @param {{ packages: Record<string, { version?: string, optional?: boolean }> }} lock
 */
function npmInstalled(lock) {
  /** @type {typeof lock} */
  let installed;
  try {
    installed = JSON.parse(readFileSync(path.join(ROOT, 'node_modules', '.package-lock.json'), 'utf8'));
  } catch {
    return false;
  }
  return Object.entries(lock.packages).every(([place, wanted]) => {
    const found = installed.packages[place];
    // Optional packages are those of other platforms.
    if (place === '' || (found === undefined && wanted.optional === true)) return true;
    return found?.version === wanted.version;
  });
}

/** Installs the packages of package-lock.json when they are not there. */
export async function ensureNodeModules() {
  if (nodeModulesAreCurrent()) return;
  await step('npm packages', () =>
    // Not `npm ci`: it refuses a lock file that lacks the native packages of other platforms, which not every mirror
    // of the registry has. This installs the same versions, checks the same hashes, and leaves the lock file alone.
    runProgram('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--prefer-offline'], {
      cwd: ROOT,
      timeoutMs: 15 * 60_000,
    }),
  );
  if (!nodeModulesAreCurrent())
    throw new SetUpError(
      'npm installed other versions than package-lock.json names. Remove node_modules and try again.',
    );
}
