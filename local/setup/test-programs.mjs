import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { TOOLS } from './paths.mjs';
import { say } from './progress.mjs';
import { findProgram } from './run-program.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

/**
 * Programs that some tests take, by their packages in Debian, and what is skipped without them. Chromium with what it depends on is a
 * download of 136 MB (60 packages beside those that the other tests need) and 0.5 GB on the disk; the proxies are 10 MB.
 * test/browser/browser.ts and test/contract/reverse-proxy.test.ts look for the same names.
 */
const PROGRAMS = [
  {
    package: 'chromium',
    names: ['chromium', 'chromium-browser', 'google-chrome'],
    tests: 'tests of the pages in a browser',
  },
  { package: 'nginx', names: ['nginx'], tests: 'tests of its configuration' },
  { package: 'caddy', names: ['caddy'], tests: 'tests of its configuration' },
];

/**
 * Installs what is missing where this user may install packages. Not every distribution has packages of these names: each is asked
 * for once. The tests are skipped and say so, so a failure is no failure of the set-up.
 */
export async function ensureTestPrograms() {
  for (const { package: name, names, tests } of PROGRAMS) {
    const tried = path.join(TOOLS, `${name}-tried`);
    if (names.some((program) => findProgram(program) !== undefined) || existsSync(tried)) continue;
    mkdirSync(TOOLS, { recursive: true });
    writeFileSync(tried, '');
    try {
      await ensureSystemPackages([], [name]);
    } catch {
      say(`${name} could not be installed: the ${tests} are skipped`);
    }
  }
}
