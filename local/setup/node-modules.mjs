import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './paths.mjs';
import { step } from './progress.mjs';
import { runProgram } from './run-program.mjs';
import { SetUpError } from './set-up-error.mjs';

const STAMP = path.join(ROOT, 'node_modules', '.sonotheque-lock');

/** Whether node_modules has the versions of package-lock.json. Takes a few milliseconds. */
export function nodeModulesAreCurrent() {
  const lock = readFileSync(path.join(ROOT, 'package-lock.json'));
  const wanted = createHash('sha256').update(lock).digest('hex');
  try {
    if (readFileSync(STAMP, 'utf8') === wanted) return true;
  } catch {
    // No stamp file yet: npm itself may have installed them.
  }
  if (!npmInstalled(JSON.parse(lock.toString()))) return false;
  writeFileSync(STAMP, wanted);
  return true;
}

/**
 * npm writes the list of what it installed as its last step.
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
    // Optional packages that are missing are those of other platforms.
    if (place === '' || (found === undefined && wanted.optional === true)) return true;
    return found?.version === wanted.version;
  });
}

/** @throws {SetUpError} when npm installs other versions than those of package-lock.json. */
export async function ensureNodeModules() {
  if (nodeModulesAreCurrent()) return;
  await step('npm packages', () =>
    // Not `npm ci`: it rejects a lock file without the native packages of other platforms, which not every mirror of
    // the registry has. This installs the same versions, checks the same hashes, and does not change the lock file.
    // No package needs its install script (install-scripts.test.ts).
    runProgram(
      'npm',
      ['install', '--ignore-scripts', '--no-save', '--no-audit', '--no-fund', '--prefer-offline'],
      {
        cwd: ROOT,
        timeoutMs: 15 * 60_000,
      },
    ),
  );
  if (!nodeModulesAreCurrent())
    throw new SetUpError(
      'npm installed other versions than those of package-lock.json. Remove node_modules and try again.',
    );
}
