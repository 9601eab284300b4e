import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../../local/servers/start-on-free-port.ts';
import { PLAYLIST_IDS } from '../../local/sample-channel/fixed-playlists.ts';
import { eventually } from '../support/eventually.ts';
import { childrenOf, isAlive } from '../support/process-tree.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Longer than a worker without jobs and its servers take to stop. */
const DEADLINE_MS = 30_000;

/** Another checkout, so that the data and the process id file of this one are left alone. */
let checkout: string;
let environment: TestEnvironment;
let child: ChildProcess | undefined;
/** What the child has printed. */
let output = '';
let started: number[] = [];

beforeAll(async () => {
  environment = await openTestEnvironment();
  checkout = mkdtempSync(path.join(tmpdir(), 'sonotheque-npm-'));
  for (const name of ['package.json', 'package-lock.json', '.npmrc', 'local', 'src']) {
    cpSync(path.join(ROOT, name), path.join(checkout, name), { recursive: true });
  }
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(checkout, 'node_modules'));
  // Its set-up makes the rest of the tools: virtual environments of Python know the path of their checkout.
  mkdirSync(path.join(checkout, '.sonotheque', 'tools'), { recursive: true });
  const nodes = readdirSync(path.join(ROOT, '.sonotheque', 'tools')).filter((name) =>
    name.startsWith('node-'),
  );
  for (const name of ['sample-channel', ...nodes.map((node) => path.join('tools', node))]) {
    symlinkSync(path.join(ROOT, '.sonotheque', name), path.join(checkout, '.sonotheque', name));
  }
  writeFileSync(path.join(checkout, 'playlist.txt'), '');
});
afterEach(() => {
  for (const pid of started.filter(isAlive)) process.kill(pid, 'SIGKILL');
  started = [];
});
afterAll(async () => {
  rmSync(checkout, { recursive: true, force: true });
  await environment.close();
});

interface Command {
  /** What it prints once everything runs. */
  readonly ready: string;
  readonly variables: () => Promise<Readonly<Record<string, string | undefined>>>;
  /** How many processes belong to it at least: npm and the program, a launcher between them for some, and what that starts. */
  readonly processes: number;
}

const COMMANDS = {
  // Its own Redis, a guard, a worker and the dashboard; the other servers are given.
  start: {
    ready: 'Dashboard: ',
    variables: async () => ({
      ...{ REDIS_URL: undefined, DASHBOARD_PORT: String(await freePort()) },
      YTDLP_EXTRA_ARGS: process.env['SAMPLE_CHANNEL_EXTRA_ARGS'],
    }),
    processes: 7,
  },
  worker: { ready: 'Working', variables: () => Promise.resolve({ LOG_LEVEL: 'info' }), processes: 2 },
  demo: { ready: 'Dashboard, while', variables: () => Promise.resolve({}), processes: 10 },
} as const satisfies Record<string, Command>;

/** Starts `npm run NAME`, in a terminal of its own or without one, and waits until it is ready. */
async function startNpm(name: keyof typeof COMMANDS, inTerminal: boolean): Promise<ChildProcess> {
  const { ready, variables, processes } = COMMANDS[name];
  const [program, args] = inTerminal
    ? ['script', ['-q', '-e', '-c', `npm run ${name}`, '/dev/null']]
    : ['npm', ['run', name]];
  const inherited = Object.entries(environment.variables).filter(([key]) => !key.startsWith('npm_'));
  const npm = spawn(program, args, {
    cwd: checkout,
    env: { ...Object.fromEntries(inherited), NODE_OPTIONS: '', HEALTH_PORT: '', ...(await variables()) },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child = npm;
  output = '';
  for (const stream of [npm.stdout, npm.stderr])
    stream.on('data', (text: Buffer) => (output += text.toString()));
  await eventually(
    `${name} to be ready`,
    () => output,
    (text) => text.includes(ready),
    // The first one sets up yt-dlp.
    120_000,
  );
  started = await eventually(
    'its processes',
    () => familyOf(npm.pid ?? 0),
    (pids) => pids.length >= processes,
  );
  return npm;
}

function familyOf(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(familyOf)];
}

async function expectAllEnded(): Promise<void> {
  await eventually(
    'the end of all',
    () => started.filter(isAlive),
    (alive) => alive.length === 0,
    DEADLINE_MS,
  );
  if (child?.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

test('npm start reads playlist.txt again when it is saved, and offers to forget a line that was removed', async () => {
  const npm = await startNpm('start', false);
  const file = path.join(checkout, 'playlist.txt');
  const id = PLAYLIST_IDS.songs;
  writeFileSync(file, `${id}\n`);
  await eventually('its videos', async () =>
    Object.values(await environment.database.overview.countByStatus()).some((count) => count > 0),
  );
  const removed = 'does not name this playlist any more';
  expect(output).not.toContain(removed);
  writeFileSync(file, '# none\n');
  await eventually('the offer', () => output.includes(removed));
  expect(output).toContain(`  playlist.${id}`);
  npm.kill('SIGTERM');
  await expectAllEnded();
});

describe.each(['start', 'worker'] as const)('npm run %s', (name) => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGKILL'] as const)(
    'ends with all it started when npm gets %s',
    async (signal) => {
      const npm = await startNpm(name, false);
      npm.kill(signal);
      await expectAllEnded();
    },
  );

  test('ends with all it started when its terminal is closed', async () => {
    const terminal = await startNpm(name, true);
    terminal.kill('SIGKILL');
    await expectAllEnded();
  });
});

test.each(['SIGTERM', 'SIGKILL'] as const)('npm run demo ends with all it started: %s', async (signal) => {
  const npm = await startNpm('demo', false);
  npm.kill(signal);
  await expectAllEnded();
});

test('a launcher that is killed takes its command along', async () => {
  const npm = await startNpm('worker', false);
  const [launcher] = childrenOf(npm.pid ?? 0);
  expect(launcher).toBeDefined();
  process.kill(launcher ?? 0, 'SIGKILL');
  await expectAllEnded();
});
