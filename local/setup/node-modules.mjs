import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './places.mjs';
import { step } from './progress.mjs';
import { runProgram } from './run-program.mjs';

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
  // npm begins by removing the old directory, the stamp with it: an interrupted run is done again.
  await step('npm packages', () =>
    runProgram('npm', ['ci', '--no-audit', '--no-fund'], { cwd: ROOT, timeoutMs: 15 * 60_000 }),
  );
  nodeModulesAreCurrent();
}
