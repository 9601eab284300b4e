/**
 * How long commands and workers take to start, and how much memory an idle worker holds. The floor is an empty Node, measured in
 * the same rounds. Uses the servers of the environment and starts those that are missing.
 *
 *   npm run bench -- start [--rounds=7] [--json]
 *
 * Aims: a help text within 0.15 s, `status` within 0.5 s, a worker at work within 1.5 s and idle in 120 MB.
 */
import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { Option } from 'commander';
import { SERVER_NAMES } from '../local/servers/start-servers.ts';
import { createCommand, runCommand, wholeNumber } from '../src/cli/command/run-command.ts';
import { QUEUE_NAMES } from '../src/domain/queues.ts';
import { createBenchConfig } from './support/bench-config.ts';
import { printReport, type BenchReport, type Group, type Ratio } from './support/bench-report.ts';
import { ROOT, startBenchServers } from './support/bench-servers.ts';
import { barsOf, medianOf, toRow, type Figures } from './support/figures.ts';
import { watchMachine } from './support/machine.ts';
import { alternate } from './support/rounds.ts';
import { runToEnd, runUntilIdle, type ProgramRun } from './support/run-program.ts';
import { trialNotes } from './support/trial-note.ts';

const IDLE_MS = 3_000;
const IDLE_AIM_MEGABYTES = 120;
const WORKER_AIM = { wallSeconds: 1.5, megabytes: IDLE_AIM_MEGABYTES };
const LAUNCHER = path.join(ROOT, 'local/launch.mjs');

const command = createCommand('bench', 'Measures how long commands and workers take to start.', [
  'npm run bench -- start --rounds=9 --json',
])
  .addOption(
    new Option('--rounds <n>', 'how often each is started').argParser(wholeNumber(1, 100)).default(7),
  )
  .option('--json', 'print one JSON object', false);

/** What is started in each round. */
interface Subject {
  readonly name: string;
  /** At most. */
  readonly aims?: Figures;
  readonly run: (variables: ProgramRun['variables'], directory: string) => Promise<Figures>;
}

const FLOOR = 'empty Node';
const SUBJECTS: readonly Subject[] = [
  { name: FLOOR, run: ended(node('--eval', '0')) },
  { name: 'sonotheque --help', aims: { wallSeconds: 0.15 }, run: ended(launched('--help')) },
  { name: 'sonotheque status --help', aims: { wallSeconds: 0.15 }, run: ended(launched('status', '--help')) },
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
  { name: 'sonotheque status', aims: { wallSeconds: 0.5 }, run: ended(launched('status')) },
  { name: 'worker for uploads', aims: WORKER_AIM, run: working(['upload']) },
  { name: 'worker for downloads', aims: WORKER_AIM, run: working(['download']) },
  { name: 'worker for all queues', aims: { wallSeconds: 1.5 }, run: working(QUEUE_NAMES) },
];

const COLUMNS: Group['columns'] = [
  { key: 'wallSeconds', label: 'seconds', digits: 2 },
  { key: 'firstSeconds', label: 'first queue', digits: 2 },
  { key: 'cpuSeconds', label: 'CPU s', digits: 2 },
  { key: 'megabytes', label: 'MB', digits: 0 },
];
/** Of the ratios, by the keys of the columns. */
const AIM_NAMES: Readonly<Record<string, string>> = { wallSeconds: 'seconds', megabytes: 'MB when idle' };

function node(...args: string[]): ProgramRun {
  return { command: process.execPath, args };
}

function launched(...args: string[]): ProgramRun {
  return node(LAUNCHER, ...args);
}

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
  const machine = watchMachine();
  const directory = await startBenchServers(closeAtEnd, SERVER_NAMES);
  const { variables } = createBenchConfig({
    STAGING_DIR: path.join(directory, 'staging'),
    LOG_LEVEL: 'info',
    HEALTH_PORT: '',
  });
  // Each command has its own, not that of the benchmark.
  const own = { ...variables, NODE_COMPILE_CACHE: undefined };
  const subjects = SUBJECTS.map(({ name, run }) => ({ name, run: () => run(own, directory) }));
  // The first start of each compiles and remembers what later ones find.
  for (const { run } of subjects) await run();
  const results = await alternate(rounds, subjects);
  const group: Group = {
    title: 'START',
    columns: COLUMNS,
    rows: [...results].map(([name, figures]) => toRow(name, figures)),
  };
  const report: BenchReport = {
    bench: 'start',
    method:
      'From the start of a command to its end, and of a worker to its work on all its queues, each after it has run once; the floor is an empty Node. MB: the most that a command held, and what a worker holds that has nothing to do.',
    at: new Date().toISOString(),
    machine: machine(),
    versions: { Node: process.version },
    options: { rounds },
    groups: [group],
    ratios: [...SUBJECTS.flatMap(({ name, aims }) => aimsOf(group, name, aims)), ...overFloor(group)],
    charts: [
      {
        name: 'start',
        title: 'Time to start',
        unit: 'seconds',
        digits: 2,
        bars: barsOf(group, 'wallSeconds'),
      },
      {
        name: 'start-memory',
        title: 'Memory of an idle worker',
        unit: 'MB',
        digits: 0,
        bars: barsOf(group, 'megabytes').filter(({ label }) => label.startsWith('worker')),
        mark: {
          value: IDLE_AIM_MEGABYTES,
          label: `aim for one queue: ${String(IDLE_AIM_MEGABYTES)} MB`,
        },
      },
    ],
    notes: trialNotes(command),
  };
  printReport(report, json);
  return 0;
});

function aimsOf(group: Group, name: string, aims: Figures = {}): Ratio[] {
  return Object.entries(aims).map(([key, atMost]) => ({
    name: `${AIM_NAMES[key] ?? key}, ${name}`,
    value: medianOf(group, name, key),
    aim: { atMost },
  }));
}

/** What the same costs on another machine, in starts of an empty Node there. */
function overFloor(group: Group): Ratio[] {
  return ['sonotheque status --help', 'sonotheque status', 'worker for downloads'].map((name) => ({
    name: `CPU s, ${name} / ${FLOOR}`,
    value: medianOf(group, name, 'cpuSeconds') / medianOf(group, FLOOR, 'cpuSeconds'),
  }));
}
