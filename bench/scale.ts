/**
 * Whether more worker processes do more: items a second through all stages with 1 to 16 processes whose downloads wait as for a network
 * (nothing is transcoded), in relation to so many times what one does. With it what waiting alone would allow, and how busy the
 * processors of the machine were, since beyond them no process adds anything.
 *
 *   npm run bench -- scale [--items=176] [--workers=1,2,4,8,16] [--waits=32] [--rounds=2] [--json]
 *
 * The most workers get all items, fewer get their share, so that each run takes as long: 45 s with the default options, ten minutes in all.
 * Measured between the first and the last items of each process, so that more items say little more. With fewer waits, 16 processes
 * would have two processors busy, and wait for them. Aim: at least 0.95 of linear while the processors are not the limit.
 */
import path from 'node:path';
import process from 'node:process';
import { Option } from 'commander';
import { SERVER_NAMES } from '../local/servers/start-servers.ts';
import { createCommand, runCommand, wholeNumber } from '../src/cli/command/run-command.ts';
import { runWorkers, type ScaleFigures } from './scale/run-workers.ts';
import { printReport, type BenchReport, type Group } from './support/bench-report.ts';
import { startBenchServers } from './support/bench-servers.ts';
import { medianOf, toRow } from './support/figures.ts';
import { watchMachine } from './support/machine.ts';
import { alternate } from './support/rounds.ts';
import { trialNotes } from './support/trial-note.ts';
import { storeVersions } from './support/versions.ts';

/** Of each wait of a download. */
const LEAST_MS = 50;
const MOST_MS = 200;
/** Busier than this, the processors of the machine are the limit. */
const MOST_BUSY = 0.85;
const AIM = 0.95;
const WARM_UP_ITEMS = 5;

const COLUMNS: Group['columns'] = [
  { key: 'itemsPerSecond', label: 'items/s', digits: 2 },
  { key: 'linear', label: 'of linear', digits: 2 },
  { key: 'ofWaits', label: 'of the waits alone', digits: 2 },
  { key: 'busy', label: 'processors busy', digits: 2 },
  { key: 'workerMs', label: 'worker CPU ms/item', digits: 1 },
  { key: 'serverMs', label: 'servers CPU ms/item', digits: 1 },
  { key: 'RedisMs', label: 'of Redis', digits: 1 },
  { key: 'MongoDBMs', label: 'of MongoDB', digits: 1 },
  { key: 'redisCommands', label: 'Redis commands/item', digits: 0 },
  { key: 'redisConnections', label: 'Redis connections/process', digits: 1 },
];

const command = createCommand('bench', 'Measures whether more worker processes do more.', [
  'npm run bench -- scale --items=160 --workers=1,2,4 --rounds=2 --json',
])
  .addOption(
    new Option('--items <n>', 'for the most workers').argParser(wholeNumber(1, 1_000_000)).default(176),
  )
  .addOption(
    new Option('--workers <list>', 'numbers of processes, separated by commas').default('1,2,4,8,16'),
  )
  .addOption(
    new Option('--waits <n>', 'how often each download waits').argParser(wholeNumber(1, 1_000)).default(32),
  )
  .addOption(
    new Option('--rounds <n>', 'how often each is measured').argParser(wholeNumber(1, 100)).default(2),
  )
  .option('--json', 'print one JSON object', false);

await runCommand(async (signal, closeAtEnd) => {
  const options = command
    .parse()
    .opts<{ items: number; workers: string; waits: number; rounds: number; json: boolean }>();
  const { items, waits, rounds, json } = options;
  const counts = options.workers.split(',').map(wholeNumber(1, 256));
  const most = Math.max(...counts);
  const machine = watchMachine();
  const directory = await startBenchServers(closeAtEnd, SERVER_NAMES, 'disk');
  const stub = { waits, leastMs: LEAST_MS, mostMs: MOST_MS };
  const versions: Record<string, string> = {};
  const run = (workers: number, count: number) =>
    runWorkers({
      ...{ workers, items: count, stub, signal, versions },
      staging: path.join(directory, 'staging'),
    });
  // What is compiled and cached at first would count for those that are measured first.
  await run(1, WARM_UP_ITEMS);
  const results = await alternate(
    rounds,
    counts.map((workers) => ({
      name: nameOf(workers),
      run: () => run(workers, Math.max(1, Math.round((items * workers) / most))),
    })),
  );
  const waitSeconds = (waits * (LEAST_MS + MOST_MS)) / 2 / 1000;
  const [first = 1] = counts;
  const one = medianOfRates(results.get(nameOf(first)) ?? []) / first;
  const group: Group = {
    title: 'WORKER PROCESSES',
    columns: COLUMNS,
    rows: counts.map((workers) =>
      toRow(
        nameOf(workers),
        (results.get(nameOf(workers)) ?? []).map((figures) => ({
          ...figures,
          linear: figures.itemsPerSecond / (workers * one),
          ofWaits: (figures.itemsPerSecond * waitSeconds) / workers,
        })),
      ),
    ),
  };
  const limited = counts.filter((workers) => medianOf(group, nameOf(workers), 'busy') > MOST_BUSY);
  const report: BenchReport = {
    bench: 'scale',
    method: `Each download waits ${String(waits)} times for ${String(LEAST_MS)} to ${String(MOST_MS)} ms (${waitSeconds.toFixed(1)} s), one after the other in each process; measured while all processes have work; upload, mirror, Redis, MongoDB and both stores are real and on the same machine. Linear is so many times what ${nameOf(first)} did.`,
    at: new Date().toISOString(),
    machine: machine(),
    versions: { Node: process.version, ...versions, ...(await storeVersions()) },
    options: { items, workers: options.workers, waits, rounds },
    groups: [group],
    ratios: counts
      .filter((workers) => workers !== first)
      .map((workers) => ({
        name: `of linear, ${nameOf(workers)}`,
        value: medianOf(group, nameOf(workers), 'linear'),
        ...(!limited.includes(workers) && { aim: { atLeast: AIM } }),
      })),
    charts: [
      {
        name: 'scale',
        title: 'Items a second in relation to so many times one process',
        unit: 'ratio',
        digits: 2,
        bars: group.rows.flatMap(({ name, figures }) =>
          figures['linear'] ? [{ label: name, ...figures['linear'] }] : [],
        ),
        mark: { value: AIM, label: `aim: ${String(AIM)}` },
      },
    ],
    notes: [...trialNotes(command), ...limitNotes(limited)],
  };
  printReport(report, json);
  return 0;
});

function nameOf(workers: number): string {
  return workers === 1 ? '1 process' : `${String(workers)} processes`;
}

function limitNotes(limited: readonly number[]): string[] {
  if (limited.length === 0) return [];
  return [
    `The processors of the machine were the limit (more than ${String(100 * MOST_BUSY)} % busy) with ${limited.map(nameOf).join(', ')}: these ratios say what this machine can do, not what the program can. More waits (--waits) leave the processors more time.`,
  ];
}

function medianOfRates(rounds: readonly ScaleFigures[]): number {
  return toRow('', rounds).figures['itemsPerSecond']?.median ?? 1;
}
