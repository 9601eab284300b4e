import path from 'node:path';
import { makeAtomically } from './atomic-directory.mjs';
import { TOOLS } from './paths.mjs';
import { step } from './progress.mjs';
import { isProgram, runProgram } from './run-program.mjs';
import { SetUpError } from './set-up-error.mjs';

/** The first version that runs TypeScript without a build. */
const MIN_VERSION = [22, 18];
/** The version that is installed where the machine's own is older. */
const VERSION = '24.21.0';

/** @param {string} version such as 24.21.0 */
export function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > MIN_VERSION[0] || (major === MIN_VERSION[0] && minor >= MIN_VERSION[1]);
}

function installedNode() {
  return path.join(TOOLS, `node-${VERSION}`, 'node_modules', packageName(), 'bin', 'node');
}

/** The npm package with Node for this platform. */
function packageName() {
  return `node-${process.platform}-${process.arch}`;
}

/** A Node that is new enough, if one is installed. @returns {string | undefined} */
export function findNode() {
  if (isNewEnough(process.versions.node)) return process.execPath;
  return isProgram(installedNode()) ? installedNode() : undefined;
}

/** A Node that is new enough: the running one, else one from the npm registry. @returns {Promise<string>} */
export async function ensureNode() {
  const found = findNode();
  if (found !== undefined) return found;
  await step(`Node.js ${VERSION} (this one is ${process.versions.node})`, () =>
    makeAtomically(path.join(TOOLS, `node-${VERSION}`), async (directory) => {
      const options = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--ignore-scripts'];
      const args = ['install', '--prefix', directory, ...options, `${packageName()}@${VERSION}`];
      await runProgram('npm', args, {
        cwd: directory,
        timeoutMs: 10 * 60_000,
      });
    }),
  );
  if (!isProgram(installedNode()))
    throw new SetUpError(
      `Node.js ${MIN_VERSION.join('.')} or newer is needed, and ${packageName()} could not be installed.`,
    );
  return installedNode();
}
