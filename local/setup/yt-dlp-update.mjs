import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { forgetUnfinished, watchUnfinished } from './interruption.mjs';
import { installYtDlp, isNotAvailable, makeEnvironment } from './python.mjs';
import { step } from './progress.mjs';
import { runProgram } from './run-program.mjs';
import { SetUpError } from './set-up-error.mjs';
import {
  PINNED_ENVIRONMENT,
  UPDATES,
  compareVersions,
  decide,
  programIn,
  readChoice,
  stampedVersion,
  writeChoice,
  writeStamp,
} from './yt-dlp-choice.mjs';

/**
 * A release of yt-dlp: its date, and a number when there were several that day. Only such a text becomes an argument of
 * pip, whose requirements can also be URLs and files.
 */
const VERSION = /^20\d{2}\.(0?[1-9]|1[0-2])\.(0?[1-9]|[12]\d|3[01])(\.\d{1,3})?$/;

/** @param {string} text @param {string} oldest the oldest version that workers accept @throws {SetUpError} */
export function checkVersion(text, oldest) {
  if (!VERSION.test(text))
    throw new SetUpError(`"${text}" is not a version of yt-dlp such as 2026.10.26 or 2026.10.26.1.`, {
      exitCode: 2,
    });
  if (compareVersions(text, oldest) < 0)
    throw new SetUpError(`yt-dlp ${text} is too old: workers need at least ${oldest}.`, { exitCode: 2 });
}

/**
 * Installs a version beside the one in use, runs it, and then uses it. When anything fails, nothing changes.
 * @param {{ tools: string, pinned: string | undefined, oldest: string, wanted?: string }} options `pinned`: the installed
 *   version that came with this release; `wanted`: without it, the newest that can be installed
 * @returns {Promise<{ before: string | undefined, now: string }>} equal when nothing was to be done
 */
export async function updateYtDlp({ tools, pinned, oldest, wanted }) {
  if (wanted !== undefined) checkVersion(wanted, oldest);
  const before = currentOf(tools, pinned);
  const isBroken = before === undefined || !(await runs(tools, before.environment));
  if (!isBroken && wanted !== undefined && compareVersions(before.version, wanted) === 0)
    return { before: before.version, now: before.version };
  removeUnused(tools);
  const { version } = (await installedAs(tools, wanted)) ?? (await install(tools, wanted));
  if (compareVersions(version, oldest) < 0)
    throw new SetUpError(
      `The newest yt-dlp that can be installed here is ${version}, but at least ${oldest} is needed. Nothing was changed.`,
    );
  if (!isBroken && wanted === undefined && compareVersions(version, before.version) <= 0) {
    removeUnused(tools);
    return { before: before.version, now: before.version };
  }
  // The newest may be installed already: as the one before, or as that of this release.
  const current = await installedAs(tools, version);
  if (current === undefined) throw new SetUpError(`yt-dlp ${version} ran once and then not again.`);
  writeChoice(tools, { pinned: pinned ?? '', current, ...(before && { previous: before }) });
  removeUnused(tools);
  return { before: before?.version, now: version };
}

/**
 * Uses again what was used before the last change; twice returns to the newer one.
 * @param {{ tools: string, pinned: string | undefined }} options
 * @returns {Promise<{ before: string | undefined, now: string }>}
 * @throws {SetUpError} when nothing is kept
 */
export async function returnToPrevious({ tools, pinned }) {
  const before = currentOf(tools, pinned);
  const previous = readChoice(tools)?.previous;
  const version = previous && stampedVersion(tools, previous.environment);
  if (previous === undefined || version === undefined)
    throw new SetUpError(
      'No other version is kept here. `npm run update-yt-dlp -- VERSION` installs any version.',
    );
  await versionOf(tools, previous.environment);
  const current = { version, environment: previous.environment };
  writeChoice(tools, { pinned: pinned ?? '', current, ...(before && { previous: before }) });
  return { before: before?.version, now: version };
}

/** @param {string} tools @param {string | undefined} pinned @returns {import('./yt-dlp-choice.mjs').Installed | undefined} */
function currentOf(tools, pinned) {
  const { environment } = decide(tools, pinned ?? '');
  const version = stampedVersion(tools, environment);
  return version === undefined ? undefined : { version, environment };
}

/** An environment that has the version already. @param {string} tools @param {string | undefined} wanted */
async function installedAs(tools, wanted) {
  for (const environment of wanted === undefined ? [] : [PINNED_ENVIRONMENT, ...updatesIn(tools)]) {
    const version = stampedVersion(tools, environment);
    if (version === undefined || compareVersions(version, wanted ?? '') !== 0) continue;
    if (await runs(tools, environment)) return { version, environment };
  }
  return undefined;
}

/** An update of the system's Python can break an environment. @param {string} tools @param {string} environment */
async function runs(tools, environment) {
  return versionOf(tools, environment).then(
    () => true,
    () => false,
  );
}

/** @param {string} tools @param {string | undefined} wanted */
async function install(tools, wanted) {
  const numbers = updatesIn(tools).map((environment) => Number(path.basename(environment)) || 0);
  const environment = `${UPDATES}/${Math.max(0, ...numbers) + 1}`;
  const directory = path.join(tools, environment);
  watchUnfinished(directory);
  try {
    const version = await step(`yt-dlp ${wanted ?? '(the newest)'}`, async () => {
      await makeEnvironment(directory);
      await installYtDlp(directory, wanted);
      const found = await versionOf(tools, environment);
      if (wanted !== undefined && compareVersions(found, wanted) !== 0)
        throw new SetUpError(`yt-dlp ${wanted} was installed, but says that it is ${found}.`);
      return found;
    });
    const installed = { version, environment };
    writeStamp(tools, installed);
    return installed;
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    if (wanted === undefined || !isNotAvailable(error)) throw error;
    throw new SetUpError(
      `yt-dlp ${wanted} cannot be installed: the package registry does not have it, or not all that it requires.`,
      { cause: error },
    );
  } finally {
    forgetUnfinished(directory);
  }
}

/** Runs the program, which proves that it works. @param {string} tools @param {string} environment */
async function versionOf(tools, environment) {
  const args = ['--ignore-config', '--version'];
  const version = (await runProgram(programIn(tools, environment), args, { timeoutMs: 60_000 })).trim();
  if (!VERSION.test(version)) throw new SetUpError(`The new yt-dlp says that its version is "${version}".`);
  return version;
}

/** Removes all but the version in use, the one before it, and that of this release. @param {string} tools */
function removeUnused(tools) {
  const choice = readChoice(tools);
  const kept = new Set([choice?.current.environment, choice?.previous?.environment]);
  for (const environment of updatesIn(tools))
    if (!kept.has(environment)) rmSync(path.join(tools, environment), { recursive: true, force: true });
}

/** @param {string} tools */
function updatesIn(tools) {
  try {
    return readdirSync(path.join(tools, UPDATES)).map((name) => `${UPDATES}/${name}`);
  } catch {
    return [];
  }
}
