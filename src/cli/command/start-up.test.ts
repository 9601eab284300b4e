import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { COMMANDS } from '../../../local/setup/commands.mjs';
import { compileCacheOf } from '../../../local/setup/compile-cache.mjs';
import { runCounted } from '../../../test/support/loaded-modules.ts';
import type { QueueName } from '../../domain/queues.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const LAUNCHER = `${ROOT}local/launch.mjs`;
/** Files of the set-up, of commander and of a command; today 36 at most. */
const MOST_FILES_OF_A_HELP = 60;
const USAGE = (name: string) =>
  new RegExp(
    `^Usage: npm ${['start', 'test'].includes(name) ? '' : 'run '}${name}( --( \\[options\\])?(?: [<[][a-z]+(?:\\.\\.\\.)?[>\\]])*)?$`,
  );

/** Two at a time: each is a process. */
async function inPairs<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let index = 0; index < items.length; index += 2)
    results.push(...(await Promise.all(items.slice(index, index + 2).map(work))));
  return results;
}

test('every command has a help text of one form, for which next to nothing is loaded', async () => {
  const found = await inPairs(Object.entries(COMMANDS), async ([name, { program, description }]) => {
    const run = await runCounted([LAUNCHER, name, '--help']);
    const [first = ''] = run.stdout.split('\n');
    return {
      name,
      exitCode: run.exitCode,
      stderr: run.stderr,
      usage: USAGE(name).test(first) ? 'of the one form' : first,
      isDescribed: description.endsWith('.') && run.stdout.split('\n').length > 2,
      // Programs of local/ and test/ are for developers.
      packages: program.startsWith('src/cli/') ? [...run.packages] : [],
      isSmall:
        !program.startsWith('src/cli/') || run.files.length <= MOST_FILES_OF_A_HELP || run.files.length,
    };
  });
  expect(found).toEqual(
    Object.entries(COMMANDS).map(([name, { program }]) => ({
      name,
      exitCode: 0,
      stderr: '',
      usage: 'of the one form',
      isDescribed: true,
      packages: program.startsWith('src/cli/') ? ['commander'] : [],
      isSmall: true,
    })),
  );
}, 120_000);

test('the list of commands is shown without any package', async () => {
  const { exitCode, stdout, packages } = await runCounted([LAUNCHER]);
  expect({ exitCode, packages: [...packages] }).toEqual({ exitCode: 0, packages: [] });
  for (const name of Object.keys(COMMANDS)) expect(stdout).toContain(`\n  ${name} `);
}, 30_000);

const NAMES = ['download', 'upload', 'sync'] as const satisfies readonly QueueName[];
/** Packages that only some queues need, and which. */
const OF_QUEUES: ReadonlyMap<string, readonly QueueName[]> = new Map<string, readonly QueueName[]>([
  ['@azure/storage-blob', []],
  ['@azure/identity', []],
  ['cheerio', ['collect', 'maintenance']],
  ['yauzl', ['collect', 'maintenance']],
  ['yaml', ['collect', 'maintenance']],
  ['yt-dlp-wrap', ['playlist', 'download']],
  ['undici', ['upload', 'sync', 'collect', 'maintenance']],
  ['express', []],
  ['cli-progress', []],
  ['pino-pretty', []],
]);

test('a worker for one queue loads what that queue needs, and nothing of the others', async () => {
  const found = await inPairs(NAMES, async (name) => {
    const code = `
      await import('./src/cli/worker/worker-command.ts');
      const { loadFactories } = await import('./src/workers/worker-factories.ts');
      await loadFactories(['${name}'], false, 'directory');
      const { PROCESSORS } = await import('./src/workers/registry.ts');
      // Its modules are loaded before its dependencies are read.
      await PROCESSORS['${name}'](new Proxy({}, { get() { throw new Error('loaded'); } })).catch(() => undefined);
      process.exit(0);`;
    const { packages, exitCode } = await runCounted(['--input-type=module', '--eval', code], {
      cwd: ROOT,
      variables: { NODE_COMPILE_CACHE: compileCacheOf('worker') },
    });
    expect(exitCode).toBe(0);
    return [...OF_QUEUES].flatMap(([pack, users]) =>
      packages.has(pack) && !users.includes(name) ? [pack] : [],
    );
  });
  expect(found).toEqual(NAMES.map(() => []));
}, 120_000);

test('the status loads neither progress bars nor a client for HTTP', async () => {
  const code = `await import('./src/cli/status/status-command.ts'); process.exit(0);`;
  const { packages, exitCode } = await runCounted(['--input-type=module', '--eval', code], { cwd: ROOT });
  expect(exitCode).toBe(0);
  expect([...packages].filter((name) => ['cli-progress', 'undici', 'mongoose'].includes(name))).toEqual([
    'mongoose',
  ]);
}, 60_000);

test('a command works in any directory: files that a person names are looked up there', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'sonotheque-elsewhere-'));
  try {
    writeFileSync(path.join(directory, 'people.txt'), '');
    symlinkSync(LAUNCHER, path.join(directory, 'sonotheque'));
    const { exitCode, stdout } = await runCounted(['./sonotheque', 'users', '--file', 'people.txt'], {
      cwd: directory,
    });
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: `There are no users in ${path.join(directory, 'people.txt')}.\n`,
    });
    const unknown = await runCounted(['./sonotheque', 'staus'], { cwd: directory });
    expect(unknown).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('Did you mean "status"?') });
  } finally {
    rmSync(directory, { recursive: true });
  }
}, 30_000);
