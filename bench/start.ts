/**
 * How long commands and workers take to start, and how much memory an idle worker holds. The floor is an empty Node, measured in
 * the same rounds: the programs run in turn, so that a machine that is slow for a while is slow for all of them. Uses the servers
 * of `npm start` or of the environment; those that are missing are started.
 *
 *   node bench/start.ts [--rounds=N] [--json]
 */
import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { Option } from 'commander';
import { SERVER_NAMES } from '../local/servers/start-servers.ts';
import { createCommand, runCommand, wholeNumber } from '../src/cli/command/run-command.ts';
import { QUEUE_NAMES } from '../src/domain/queues.ts';
import { formatTextTable, numbers } from '../src/text/tables.ts';
import { createBenchConfig } from './support/bench-config.ts';
import { ROOT, startBenchServers } from './support/bench-servers.ts';
import { runToEnd, runUntilIdle, type ProgramRun } from './support/run-program.ts';
import { formatSpread, spreadOf, type Spread } from './support/spread.ts';

const IDLE_MS = 3_000;
const LAUNCHER = path.join(ROOT, 'local/launch.mjs');

const command = createCommand('bench', 'Measures how long commands and workers take to start.', [
  'npm run bench -- start --rounds=9 --json',
])
  .addOption(
    new Option('--rounds <n>', 'how often each is started').argParser(wholeNumber(1, 100)).default(7),
  )
  .option('--json', 'print one JSON object', false);
function node(...args: string[]): ProgramRun {
  return { command: process.execPath, args };
}

function launched(...args: string[]): ProgramRun {
  return node(LAUNCHER, ...args);
}

type Figures = Readonly<Record<string, number>>;

/** What is started in each round; the first is the floor. */
interface Subject {
  readonly name: string;
  readonly aim?: string;
  readonly run: (variables: ProgramRun['variables'], directory: string) => Promise<Figures>;
}

const SUBJECTS: readonly Subject[] = [
  { name: 'empty Node', run: ended(node('--eval', '0')) },
  { name: 'sonotheque --help', run: ended(launched('--help')) },
  { name: 'sonotheque status --help', aim: '0.15 s', run: ended(launched('status', '--help')) },
  {
    name: 'the same, nothing compiled yet',
    run: (variables, directory) => {
      const cache = mkdtempSync(path.join(directory, 'cache-'));
      return ended(launched('status', '--help'))({ ...variables, NODE_COMPILE_CACHE: cache }, directory);
    },
  },
  {
    name: 'npm run status -- --help',
    run: ended({ command: 'npm', args: ['run', '--prefix', ROOT, 'status', '--', '--help'] }),
  },
  { name: 'sonotheque status', aim: '0.5 s', run: ended(launched('status')) },
  { name: 'worker for uploads', aim: '1.5 s, 120 MB', run: working(['upload']) },
  { name: 'worker for downloads', aim: '1.5 s, 120 MB', run: working(['download']) },
  { name: 'worker for all queues', aim: '1.5 s', run: working(QUEUE_NAMES) },
];

function ended(run: ProgramRun): Subject['run'] {
  return async (variables) => {
    const { wallSeconds, cpuSeconds, peakMegabytes } = await runToEnd({ ...run, variables });
    return { wallSeconds, cpuSeconds, megabytes: peakMegabytes };
  };
}

/** Until it works on all its queues. */
function working(queues: readonly string[]): Subject['run'] {
  return async (variables) => {
    const run = { ...launched('worker', ...queues), variables };
    const use = await runUntilIdle(run, /"msg":"Working"/, queues.length, IDLE_MS);
    return {
      firstSeconds: use.firstSeconds,
      wallSeconds: use.allSeconds,
      cpuSeconds: use.cpuSeconds,
      megabytes: use.idleMegabytes,
    };
  };
}

await runCommand(async (_signal, closeAtEnd) => {
  const { rounds, json } = command.parse().opts<{ rounds: number; json: boolean }>();
  const directory = await startBenchServers(closeAtEnd, SERVER_NAMES);
  const { variables } = createBenchConfig({
    STAGING_DIR: path.join(directory, 'staging'),
    LOG_LEVEL: 'info',
    HEALTH_PORT: '',
  });
  const measured = SUBJECTS.map((): Figures[] => []);
  // The first round compiles and remembers what later ones find.
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, { run }] of SUBJECTS.entries()) {
      const figures = await run(variables, directory);
      if (round > 0) measured[index]?.push(figures);
    }
  }
  const results = SUBJECTS.map(({ name, aim }, index) => toResult(name, aim, measured[index] ?? []));
  if (json) console.log(JSON.stringify({ node: process.version, rounds, results }, undefined, 2));
  else console.log(describe(results, rounds));
  return 0;
});

function toResult(name: string, aim: string | undefined, rounds: readonly Figures[]): Result {
  const spread = (key: string) => spreadOf(rounds.map((figures) => figures[key] ?? 0));
  return {
    name,
    aim: aim ?? null,
    wallSeconds: spread('wallSeconds'),
    cpuSeconds: spread('cpuSeconds'),
    megabytes: spread('megabytes'),
    ...(rounds[0]?.['firstSeconds'] !== undefined && { firstSeconds: spread('firstSeconds') }),
  };
}

interface Result {
  readonly name: string;
  readonly aim: string | null;
  readonly wallSeconds: Spread;
  readonly cpuSeconds: Spread;
  readonly megabytes: Spread;
  readonly firstSeconds?: Spread;
}

function describe(results: readonly Result[], rounds: number): string {
  const floor = results[0]?.cpuSeconds.median ?? 1;
  const table = formatTextTable(
    ['START', ...numbers('seconds', 'first queue', 'CPU seconds', 'empty Nodes', 'MB', 'aim')],
    results.map(({ name, aim, wallSeconds, firstSeconds, cpuSeconds, megabytes }) => [
      name,
      formatSpread(wallSeconds, 2),
      firstSeconds === undefined ? '' : formatSpread(firstSeconds, 2),
      formatSpread(cpuSeconds, 2),
      (cpuSeconds.median / floor).toFixed(1),
      formatSpread(megabytes, 0),
      aim ?? '',
    ]),
  );
  return `${table}\nNode ${process.version}; median of ${String(rounds)} rounds (least–most). MB: the most a command held, and what an idle worker holds.`;
}
