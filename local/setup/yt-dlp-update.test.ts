import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  compareVersions,
  decide,
  followChoice,
  isLinked,
  linkIn,
  setLink,
  writeChoice,
  writeStamp,
} from './yt-dlp-choice.mjs';
import { checkVersion, returnToPrevious, updateYtDlp } from './yt-dlp-update.mjs';

const OLDEST = '2026.07.04';
const PINNED = '2026.10.26';
/** Stands in for python3, its venv module and its pip, whose registry has every version but those of 2027. */
const PYTHON = `#!/bin/sh
if [ "$2" = venv ]; then mkdir -p "$3/bin" && cp "$0" "$3/bin/python3"; exit; fi
for last; do :; done
case $last in *==*) version=\${last#*==};; *) version=$TEST_NEWEST;; esac
case $version in 2027.*) echo "ERROR: No matching distribution found for $last" >&2; exit 1;; esac
printf '#!/bin/sh\\necho %s\\n' "\${TEST_PRINTED:-$version}" > "$(dirname "$0")/yt-dlp"
chmod +x "$(dirname "$0")/yt-dlp"
`;

let directory: string;
let tools: string;
const ownPath = process.env['PATH'];

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'sonotheque-yt-dlp-'));
  tools = path.join(directory, 'tools');
  mkdirSync(path.join(directory, 'bin'));
  writeProgram(path.join(directory, 'bin', 'python3'), PYTHON);
  process.env['PATH'] = `${path.join(directory, 'bin')}:${ownPath ?? ''}`;
  process.env['TEST_NEWEST'] = '2026.11.20';
  installPinned(PINNED);
});
afterEach(() => {
  process.env['PATH'] = ownPath;
  delete process.env['TEST_NEWEST'];
  delete process.env['TEST_PRINTED'];
  rmSync(directory, { recursive: true });
});

function writeProgram(file: string, text: string): void {
  writeFileSync(file, text);
  chmodSync(file, 0o755);
}

/** As the set-up does. */
function installPinned(version: string): void {
  const bin = path.join(tools, 'python', 'bin');
  mkdirSync(bin, { recursive: true });
  writeProgram(path.join(bin, 'yt-dlp'), `#!/bin/sh\necho ${version}\n`);
  writeStamp(tools, { version, environment: 'python' });
  setLink(tools, decide(tools, version).environment);
}

/** What a worker that starts yt-dlp now gets. */
function versionInUse(): string {
  return execFileSync(linkIn(tools), ['--version'], { encoding: 'utf8' }).trim();
}

const update = (wanted?: string) =>
  updateYtDlp({ tools, pinned: PINNED, oldest: OLDEST, ...(wanted !== undefined && { wanted }) });
const back = () => returnToPrevious({ tools, pinned: PINNED });

describe('npm run update-yt-dlp', () => {
  test('uses the newest version, keeps the one before, and returns to it', async () => {
    expect(await update()).toEqual({ before: PINNED, now: '2026.11.20' });
    expect(versionInUse()).toBe('2026.11.20');
    expect(await back()).toEqual({ before: '2026.11.20', now: PINNED });
    expect(versionInUse()).toBe(PINNED);
    expect(await back()).toEqual({ before: PINNED, now: '2026.11.20' });
    expect(versionInUse()).toBe('2026.11.20');
  });

  test('changes nothing when the newest is in use', async () => {
    await update();
    expect(await update()).toEqual({ before: '2026.11.20', now: '2026.11.20' });
    expect(readdirSync(path.join(tools, 'yt-dlp'))).toEqual(['1']);
    expect((await back()).now).toBe(PINNED);
  });

  test('the version of the release is not kept twice', async () => {
    process.env['TEST_NEWEST'] = PINNED;
    await update('2026.11.02');
    await update('2026.10.01');
    expect(await update()).toEqual({ before: '2026.10.01', now: PINNED });
    expect(isLinked(tools, 'python')).toBe(true);
    expect(readdirSync(path.join(tools, 'yt-dlp'))).toEqual(['2']);
  });

  test('keeps two versions and that of the release, not more', async () => {
    for (const version of ['2026.11.01', '2026.11.02', '2026.11.03']) await update(version);
    expect(versionInUse()).toBe('2026.11.03');
    expect(readdirSync(path.join(tools, 'yt-dlp')).sort()).toEqual(['2', '3']);
    expect(await back()).toEqual({ before: '2026.11.03', now: '2026.11.02' });
  });

  test('a version that cannot be installed or says that it is another one changes nothing', async () => {
    await expect(update('2027.01.01')).rejects.toThrow(/2027\.01\.01 cannot be installed/);
    process.env['TEST_PRINTED'] = '2026.09.09';
    await expect(update('2026.11.02')).rejects.toThrow(/says that it is 2026\.09\.09/);
    process.env['TEST_PRINTED'] = 'Traceback';
    await expect(update()).rejects.toThrow(/Traceback/);
    expect(versionInUse()).toBe(PINNED);
    expect(readdirSync(path.join(tools, 'yt-dlp'))).toEqual([]);
    await expect(back()).rejects.toThrow(/No other version/);
  });

  test('a version in use that no longer runs is installed again', async () => {
    await update('2026.11.02');
    writeProgram(path.join(tools, 'yt-dlp', '1', 'bin', 'yt-dlp'), '#!/bin/sh\nexit 1\n');
    expect((await update('2026.11.02')).now).toBe('2026.11.02');
    expect(versionInUse()).toBe('2026.11.02');
  });

  test.each(['2026.11.02', '2026.8.19', '2026.12.31.2'])('%s is a version', (text) => {
    expect(() => {
      checkVersion(text, OLDEST);
    }).not.toThrow();
  });

  test.each([
    'latest',
    '2026.13.01',
    '2026.11',
    '2026.11.02 --index-url=http://x',
    '2026.11.02\n',
    '--pre',
    '../x',
    'https://x/y.whl',
    '',
  ])('%j is refused before anything is run', async (text) => {
    await expect(update(text)).rejects.toThrow(/is not a version/);
    expect(existsSync(path.join(tools, 'yt-dlp'))).toBe(false);
  });

  test('a version with known vulnerabilities is refused', async () => {
    await expect(update('2025.01.01')).rejects.toThrow(/too old: workers need at least 2026\.07\.04/);
  });
});

describe('the next start', () => {
  const chosen = { version: '2026.11.20', environment: 'yt-dlp/1' };

  test('keeps what was chosen, older or newer than the version of the release', async () => {
    await update('2026.11.20');
    expect(decide(tools, PINNED)).toMatchObject({ environment: 'yt-dlp/1' });
    await update('2026.08.19');
    expect(decide(tools, PINNED)).toMatchObject({ environment: 'yt-dlp/2' });
    expect(isLinked(tools, 'yt-dlp/2')).toBe(true);
  });

  test('with a release whose version is newer, that one is used', async () => {
    await update('2026.11.20');
    expect(decide(tools, '2026.12.10')).toMatchObject({ environment: 'python', reason: 'newer-release' });
    expect(decide(tools, '2026.11.01')).toEqual({
      environment: 'yt-dlp/1',
      choice: expect.objectContaining({ current: chosen }),
    });
  });

  test('without the chosen version, for example in a checkout that was moved, that of the release is used', () => {
    writeChoice(tools, { pinned: PINNED, current: chosen });
    expect(decide(tools, PINNED)).toMatchObject({ environment: 'python', reason: 'not-installed' });
  });

  test('an unreadable choice counts as none', () => {
    writeFileSync(path.join(tools, 'yt-dlp-choice.json'), '{"current":');
    expect(decide(tools, PINNED)).toEqual({ environment: 'python' });
  });
});

test('versions are compared by their numbers', () => {
  expect(compareVersions('2026.8.19', '2026.08.19')).toBe(0);
  expect(compareVersions('2026.10.1', '2026.9.30')).toBeGreaterThan(0);
  expect(compareVersions('2026.10.26', '2026.10.26.1')).toBeLessThan(0);
});

describe('what an image uses when it starts', () => {
  test('the version that was installed beside it, until the image comes with a newer one', async () => {
    await update('2026.11.02');
    expect(followChoice(tools, PINNED)).toBeUndefined();
    expect(versionInUse()).toBe('2026.11.02');
    installPinned('2026.12.01');
    expect(followChoice(tools, '2026.12.01')).toMatch(/2026\.12\.01 of this release replaces 2026\.11\.02/);
    expect(versionInUse()).toBe('2026.12.01');
  });

  test('not one whose packages are for another Python than that of the image', async () => {
    await update('2026.11.02');
    const environment = path.join(tools, 'yt-dlp', '1');
    // As in a real environment: a link to the Python of the image, and the packages of that version.
    const python = path.join(directory, 'bin', 'python3.13');
    writeProgram(python, '#!/bin/sh\n');
    rmSync(path.join(environment, 'bin', 'python3'));
    symlinkSync(python, path.join(environment, 'bin', 'python3'));
    mkdirSync(path.join(environment, 'lib', 'python3.11'), { recursive: true });
    expect(followChoice(tools, PINNED)).toMatch(
      /2026\.11\.02, which was chosen, is no longer installed here/,
    );
    expect(versionInUse()).toBe(PINNED);
  });
});
