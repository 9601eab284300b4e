import { randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { isProgram } from './run-program.mjs';

/**
 * Which yt-dlp commands and workers run. They all run the link `bin/yt-dlp`, which points into the virtual environment of
 * the version in use: that of the version which comes with this release, or one that `npm run update-yt-dlp` made. Each
 * start of yt-dlp follows the link, so a change is used from the next start on, and what is running goes on undisturbed.
 *
 * @typedef {object} Installed
 * @property {string} version
 * @property {string} environment its virtual environment, relative to the directory of the tools
 *
 * @typedef {object} Choice
 * @property {Installed} current
 * @property {Installed} [previous] what was used before it
 * @property {string} pinned the version that came with the release when this was chosen
 */

/** The virtual environment of the version that comes with this release. */
export const PINNED_ENVIRONMENT = 'python';
/** Where the other versions are installed, each in a directory of its own. */
export const UPDATES = 'yt-dlp';
const CHOICE_FILE = 'yt-dlp-choice.json';

/** The link that commands and workers run. @param {string} tools */
export const linkIn = (tools) => path.join(tools, 'bin', 'yt-dlp');

/** @param {string} tools @param {string} environment */
export const programIn = (tools, environment) => path.join(tools, environment, 'bin', 'yt-dlp');

/** @param {string} tools @returns {Choice | undefined} undefined when nothing was chosen */
export function readChoice(tools) {
  try {
    const choice = JSON.parse(readFileSync(path.join(tools, CHOICE_FILE), 'utf8'));
    return typeof choice?.current?.environment === 'string' ? choice : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Remembers a choice, then lets the link point to it. If this is interrupted in between, the next set-up sets the link.
 * @param {string} tools @param {Choice} choice
 */
export function writeChoice(tools, choice) {
  const file = path.join(tools, CHOICE_FILE);
  const unfinished = `${file}.partial-${randomUUID()}`;
  writeFileSync(unfinished, `${JSON.stringify(choice, undefined, 2)}\n`);
  renameSync(unfinished, file);
  setLink(tools, choice.current.environment);
}

/** Lets the link point to the program of an environment; it exists at every moment. @param {string} tools @param {string} environment */
export function setLink(tools, environment) {
  const link = linkIn(tools);
  // Containers that share the directory have the same process ids.
  const unfinished = `${link}.partial-${randomUUID()}`;
  mkdirSync(path.dirname(link), { recursive: true });
  symlinkSync(programIn(tools, environment), unfinished);
  renameSync(unfinished, link);
}

/** Whether the link points to this environment's program, and the program is there. @param {string} tools @param {string} environment */
export function isLinked(tools, environment) {
  try {
    return readlinkSync(linkIn(tools)) === programIn(tools, environment) && isProgram(linkIn(tools));
  } catch {
    return false;
  }
}

/** Scripts in a virtual environment contain its path, so a checkout that was moved needs a new one. @param {string} tools @param {Installed} installed */
export function writeStamp(tools, { version, environment }) {
  writeFileSync(path.join(tools, environment, 'complete'), `${version} ${path.join(tools, environment)}`);
}

/** The version in a complete environment that is where it was made. @param {string} tools @param {string} environment */
export function stampedVersion(tools, environment) {
  const directory = path.join(tools, environment);
  try {
    const [version = '', ...place] = readFileSync(path.join(directory, 'complete'), 'utf8').split(' ');
    const isWhole = place.join(' ') === directory && isProgram(programIn(tools, environment));
    return isWhole && hasItsPython(directory) ? version : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether the packages of an environment are for the Python that it runs: a new image or a new release of the system may bring
 * another one. @param {string} directory
 */
function hasItsPython(directory) {
  const program = path.join(directory, 'bin', 'python3');
  if (!existsSync(program)) return true;
  const python = path.basename(realpathSync(program));
  return !/^python3\.\d+$/.test(python) || existsSync(path.join(directory, 'lib', python));
}

/**
 * Lets the link point to what should be used, now that the version of this release is installed.
 * @param {string} tools @param {string} pinned the version that came with this release
 * @returns {string | undefined} what people should know, when that is not what they chose
 */
export function followChoice(tools, pinned) {
  const { environment, reason, choice } = decide(tools, pinned);
  if (reason === undefined || choice === undefined) {
    if (!isLinked(tools, environment)) setLink(tools, environment);
    return undefined;
  }
  const { version } = choice.current;
  const current = { version: pinned, environment };
  if (reason === 'newer-release') {
    writeChoice(tools, { pinned, current, previous: choice.current });
    return `yt-dlp ${pinned} of this release replaces ${version}, which was chosen with update-yt-dlp`;
  }
  writeChoice(tools, { pinned, current });
  return `yt-dlp ${version}, which was chosen, is no longer installed here; using ${pinned}. To install it again: update-yt-dlp ${version}`;
}

/**
 * What the link should point to, given what is installed.
 * @param {string} tools
 * @param {string} pinned the version that came with this release and is installed
 * @returns {{ environment: string, reason?: 'newer-release' | 'not-installed', choice?: Choice }}
 */
export function decide(tools, pinned) {
  const choice = readChoice(tools);
  if (choice === undefined || choice.current.environment === PINNED_ENVIRONMENT)
    return { environment: PINNED_ENVIRONMENT };
  // A version that is older than the release's was chosen on purpose, until another release brings another version.
  const isOverridden = choice.pinned !== pinned && compareVersions(choice.current.version, pinned) < 0;
  if (isOverridden) return { environment: PINNED_ENVIRONMENT, reason: 'newer-release', choice };
  if (stampedVersion(tools, choice.current.environment) === undefined)
    return { environment: PINNED_ENVIRONMENT, reason: 'not-installed', choice };
  return { environment: choice.current.environment, choice };
}

/** Negative when the first is older. `2026.8.19` and `2026.08.19` are equal. @param {string} one @param {string} other */
export function compareVersions(one, other) {
  const [first, second] = [one, other].map((text) => text.split('.').map(Number));
  for (let index = 0; index < Math.max(first?.length ?? 0, second?.length ?? 0); index += 1) {
    const difference = (first?.[index] ?? 0) - (second?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
