import { step } from './progress.mjs';
import { findProgram, runProgram } from './run-program.mjs';
import { SetUpError } from './set-up-error.mjs';

const APT_TIMEOUT_MS = 20 * 60_000;

/**
 * Installs packages with apt-get.
 * @param {readonly string[]} packages their names in Debian
 * @param {readonly string[]} [optional] installed only where this user may install packages
 * @throws {SetUpError} with the command to run when this user may not install them
 */
export async function ensureSystemPackages(packages, optional = []) {
  const apt = findProgram('apt-get');
  const isRoot = process.getuid?.() === 0;
  if (packages.length === 0 && (optional.length === 0 || apt === undefined || !isRoot)) return;
  if (apt === undefined || !isRoot)
    throw new SetUpError(howToInstall(packages, apt !== undefined), { exitCode: 2 });
  const names = [...packages, ...optional];
  await step(`system packages (${names.join(', ')})`, async () => {
    const env = {
      ...process.env,
      DEBIAN_FRONTEND: 'noninteractive',
      // Prevents the packages from starting services.
      RUNLEVEL: '1',
    };
    const options = ['-q', '-y', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];
    const run = (/** @type {string[]} */ ...args) =>
      runProgram(apt, args, { env, timeoutMs: APT_TIMEOUT_MS });
    await run('update', ...options);
    await run('install', ...options, '--no-install-recommends', '--', ...names);
  });
}

/** @param {readonly string[]} packages @param {boolean} hasApt */
function howToInstall(packages, hasApt) {
  if (hasApt) return `Some programs are missing. Run: sudo apt-get install -y ${packages.join(' ')}`;
  if (process.platform === 'darwin') {
    const formulae = {
      'redis-server': 'redis',
      'default-jdk-headless': 'openjdk',
      'python3-venv': 'python3',
    };
    const names = packages.map((name) => formulae[/** @type {keyof typeof formulae} */ (name)] ?? name);
    return `Some programs are missing. Run: brew install ${names.join(' ')}`;
  }
  return `Some programs are missing. Install them with this system's package manager: ${packages.join(' ')}`;
}
