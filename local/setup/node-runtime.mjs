import path from 'node:path';
import { intoPlace } from './into-place.mjs';
import { TOOLS } from './places.mjs';
import { step } from './progress.mjs';
import { isProgram, runProgram } from './run-program.mjs';
import { SetUpError } from './set-up-error.mjs';

/** The first version that runs TypeScript as it is. */
const LEAST = [22, 18];
/** The version fetched where the machine's own is older. */
const VERSION = '24.21.0';

/** @param {string} version such as 24.21.0 */
export function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1]);
}

function installedNode() {
  return path.join(TOOLS, `node-${VERSION}`, 'node_modules', packageName(), 'bin', 'node');
}

/** The package that npm's `node` package installs on this platform. */
function packageName() {
  return `node-${process.platform}-${process.arch}`;
}

/** A Node that is new enough, if it is there already. @returns {string | undefined} */
export function findNode() {
  if (isNewEnough(process.versions.node)) return process.execPath;
  return isProgram(installedNode()) ? installedNode() : undefined;
}

/** A Node that is new enough: the one that runs this, else one from the npm registry. @returns {Promise<string>} */
export async function ensureNode() {
  const found = findNode();
  if (found !== undefined) return found;
  await step(`Node.js ${VERSION} (this one is ${process.versions.node})`, () =>
    intoPlace(path.join(TOOLS, `node-${VERSION}`), async (directory) => {
      const args = [
        'install',
        '--prefix',
        directory,
        '--no-save',
        '--no-package-lock',
        '--no-audit',
        '--no-fund',
      ];
      await runProgram('npm', [...args, '--ignore-scripts', `${packageName()}@${VERSION}`], {
        cwd: directory,
        timeoutMs: 10 * 60_000,
      });
    }),
  );
  if (!isProgram(installedNode()))
    throw new SetUpError(
      `Node.js ${LEAST.join('.')} or newer is needed, and none could be had for ${packageName()}.`,
    );
  return installedNode();
}
