import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { TOOLS } from './paths.mjs';
import { say, step } from './progress.mjs';
import { findProgram, isProgram, runProgram } from './run-program.mjs';

/**
 * Versions of yt-dlp, preferred first. 2026.10.26 requires a certifi (2026.10.19) that not every mirror of PyPI has; where
 * it cannot be installed, the next version is. Both are newer than 2026.07.04, which fixed five vulnerabilities.
 */
const VERSIONS = ['2026.10.26', '2026.8.19'];
const ENVIRONMENT = path.join(TOOLS, 'python');
const STAMP = path.join(ENVIRONMENT, 'complete');
/** The directory that is added to the PATH of commands. */
export const BIN = path.join(TOOLS, 'bin');

export const PYTHON = path.join(ENVIRONMENT, 'bin', 'python3');
export const YT_DLP = path.join(ENVIRONMENT, 'bin', 'yt-dlp');

/** Scripts in a virtual environment contain its path, so a checkout that was moved needs a new one. */
const stampText = (/** @type {string} */ version) => `${version} ${ENVIRONMENT}`;

export function pythonIsReady() {
  try {
    return VERSIONS.map(stampText).includes(readFileSync(STAMP, 'utf8')) && isProgram(YT_DLP);
  } catch {
    return false;
  }
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

/** Makes the virtual environment with yt-dlp. It cannot be renamed, so a stamp file marks it as complete. */
export async function ensurePython() {
  if (pythonIsReady()) return;
  await step('yt-dlp', async () => {
    rmSync(ENVIRONMENT, { recursive: true, force: true });
    mkdirSync(TOOLS, { recursive: true });
    await runProgram('python3', ['-m', 'venv', ENVIRONMENT], { timeoutMs: 5 * 60_000 });
    const version = await installFirstAvailable(VERSIONS);
    mkdirSync(BIN, { recursive: true });
    rmSync(path.join(BIN, 'yt-dlp'), { force: true });
    symlinkSync(YT_DLP, path.join(BIN, 'yt-dlp'));
    writeFileSync(STAMP, stampText(version));
  });
}

/** @param {readonly string[]} versions @returns {Promise<string>} the version that was installed */
async function installFirstAvailable(versions) {
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input'];
  for (const [index, version] of versions.entries()) {
    try {
      await runProgram(PYTHON, [...pip, `yt-dlp[default]==${version}`], { timeoutMs: 10 * 60_000 });
      return version;
    } catch (error) {
      const mayTryNext = /No matching distribution/.test(String(error)) && index + 1 < versions.length;
      if (!mayTryNext) throw error;
      say(
        `yt-dlp ${version} requires a package that is not available here; installing ${versions[index + 1]}`,
      );
    }
  }
  throw new Error('There is no version to install.');
}
