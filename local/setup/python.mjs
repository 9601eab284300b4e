import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { TOOLS } from './paths.mjs';
import { say, step } from './progress.mjs';
import { findProgram, runProgram } from './run-program.mjs';
import {
  PINNED_ENVIRONMENT,
  decide,
  followChoice,
  isLinked,
  linkIn,
  stampedVersion,
  writeStamp,
} from './yt-dlp-choice.mjs';

/** The version of yt-dlp that comes with this release; the Dockerfile reads the same file. */
const PINNED_VERSION = readFileSync(new URL('yt-dlp-version.txt', import.meta.url), 'utf8').trim();
/**
 * Versions of yt-dlp, preferred first. 2026.10.26 requires a certifi (2026.10.19) that not every mirror of PyPI has; where
 * it cannot be installed, the next version is. Both are newer than 2026.07.04, which fixed five vulnerabilities.
 */
const VERSIONS = [PINNED_VERSION, '2026.8.19'];
const ENVIRONMENT = path.join(TOOLS, PINNED_ENVIRONMENT);
export const PYTHON = path.join(ENVIRONMENT, 'bin', 'python3');
/** A link to the version in use: see yt-dlp-choice.mjs. */
export const YT_DLP = linkIn(TOOLS);

const PIP_TIMEOUT_MS = 10 * 60_000;

/** The version that came with this release and is installed; undefined when it must be installed (again). */
export function pinnedYtDlp() {
  const version = stampedVersion(TOOLS, PINNED_ENVIRONMENT);
  return version !== undefined && VERSIONS.includes(version) ? version : undefined;
}

export function pythonIsReady() {
  const pinned = pinnedYtDlp();
  if (pinned === undefined) return false;
  const { environment, reason } = decide(TOOLS, pinned);
  return reason === undefined && isLinked(TOOLS, environment);
}

/** The Debian packages that are missing to make a virtual environment. @returns {Promise<string[]>} */
export async function missingForPython() {
  if (pythonIsReady()) return [];
  const python = findProgram('python3');
  if (python === undefined) return ['python3', 'python3-venv'];
  try {
    await runProgram(python, ['-c', 'import ensurepip, venv'], { timeoutMs: 30_000 });
    return [];
  } catch {
    return ['python3-venv'];
  }
}

/** Makes the virtual environment with the yt-dlp of this release, and lets the link point to the version to use. */
export async function ensurePython() {
  if (pythonIsReady()) return;
  let pinned = pinnedYtDlp();
  if (pinned === undefined) {
    pinned = await step('yt-dlp', async () => {
      rmSync(ENVIRONMENT, { recursive: true, force: true });
      await makeEnvironment(ENVIRONMENT);
      const version = await installFirstAvailable(VERSIONS);
      writeStamp(TOOLS, { version, environment: PINNED_ENVIRONMENT });
      return version;
    });
  }
  const message = followChoice(TOOLS, pinned);
  if (message !== undefined) say(message);
}

/** A virtual environment cannot be renamed, so a stamp file marks it as complete. @param {string} directory */
export async function makeEnvironment(directory) {
  mkdirSync(path.dirname(directory), { recursive: true });
  await runProgram('python3', ['-m', 'venv', directory], { timeoutMs: 5 * 60_000 });
}

/**
 * Installs yt-dlp with the components it needs for YouTube. The files of the versions that come with this release are checked
 * by their hashes; those of other versions cannot be known beforehand.
 * @param {string} environment the directory of the virtual environment
 * @param {string} [version] without it, the newest release that can be installed
 */
export async function installYtDlp(environment, version) {
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input'];
  const what =
    version !== undefined && VERSIONS.includes(version)
      ? ['--require-hashes', '--requirement', requirementsOf(`yt-dlp-${version}`)]
      : [version === undefined ? 'yt-dlp[default]' : `yt-dlp[default]==${version}`];
  await runProgram(path.join(environment, 'bin', 'python3'), [...pip, ...what], {
    timeoutMs: PIP_TIMEOUT_MS,
  });
}

/** A file with the exact packages and their hashes. @param {string} name */
export function requirementsOf(name) {
  return fileURLToPath(new URL(`requirements/${name}.txt`, import.meta.url));
}

/** Whether a registry has no such version, or not all that it requires. @param {unknown} error */
export function isNotAvailable(error) {
  return /No matching distribution/.test(String(error));
}

/** @param {readonly string[]} versions @returns {Promise<string>} the version that was installed */
async function installFirstAvailable(versions) {
  for (const [index, version] of versions.entries()) {
    try {
      await installYtDlp(ENVIRONMENT, version);
      return version;
    } catch (error) {
      if (!isNotAvailable(error) || index + 1 >= versions.length) throw error;
      say(
        `yt-dlp ${version} requires a package that is not available here; installing ${versions[index + 1]}`,
      );
    }
  }
  throw new Error('There is no version to install.');
}
