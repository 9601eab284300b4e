import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { makeAtomically } from './atomic-directory.mjs';
import { ROOT, cacheDirectory } from './paths.mjs';
import { step } from './progress.mjs';
import { findProgram, runProgram } from './run-program.mjs';

const SOURCE = path.join(ROOT, 'local', 'mongo-stand-in');
const BUILD_TIMEOUT_MS = 15 * 60_000;

/** Named by a hash of its source, so that a change is built again. */
export function standInDirectory() {
  const hash = createHash('sha256');
  const files = readdirSync(SOURCE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    // Node 18 and 20 differ in the name of the directory.
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .sort();
  for (const file of files) hash.update(path.relative(SOURCE, file)).update(readFileSync(file));
  return path.join(cacheDirectory(), `mongo-stand-in-${hash.digest('hex').slice(0, 12)}`);
}

export function standInIsBuilt() {
  return existsSync(path.join(standInDirectory(), 'classes'));
}

/** The Debian packages that are missing to build or run the stand-in. */
export function missingForStandIn() {
  if (standInIsBuilt()) return findProgram('java') === undefined ? ['default-jre-headless'] : [];
  return [
    ...(findProgram('javac') === undefined ? ['default-jdk-headless'] : []),
    ...(findProgram('mvn') === undefined ? ['maven'] : []),
  ];
}

/** Builds the stand-in for MongoDB from Maven Central, once for this user. */
export async function ensureStandIn() {
  if (standInIsBuilt()) return;
  await step('the stand-in for MongoDB', () =>
    makeAtomically(standInDirectory(), async (directory) => {
      const goals = ['compile', 'dependency:copy-dependencies'];
      await runProgram(
        'mvn',
        ['-q', '-B', '-f', path.join(SOURCE, 'pom.xml'), `-DstandIn.output=${directory}`, ...goals],
        { timeoutMs: BUILD_TIMEOUT_MS },
      );
      for (const unneeded of ['generated-sources', 'maven-status'])
        rmSync(path.join(directory, unneeded), { recursive: true, force: true });
    }),
  );
}
