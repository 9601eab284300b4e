/**
 * What a video costs besides its media: small files that are there at once go through all stages with 1, 2 and 4 worker processes in
 * turn. Items a second, CPU time an item by process, and calls to the servers an item. Calls are the same on any machine, but for
 * those that jobs make together; times need a quiet one.
 *
 *   npm run bench -- overhead [--items=500] [--workers=1,2,4] [--rounds=3] [--cpu-prof=DIRECTORY] [--json]
 *
 * Aims: at most 25 ms of CPU in the worker with one process and 30 with four, 10 calls to Redis and 5 to MongoDB; at least 35 items a
 * second on two processors, and not fewer with four processes than with one.
 */
import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { Option } from 'commander';
import { SERVER_NAMES } from '../local/servers/start-servers.ts';
import { createCommand, runCommand, wholeNumber } from '../src/cli/command/run-command.ts';
import { runOverhead } from './overhead/run-overhead.ts';
import { printReport, type BenchReport, type Group, type Ratio } from './support/bench-report.ts';
import { startBenchServers } from './support/bench-servers.ts';
import { barsOf, medianOf, toRow } from './support/figures.ts';
import { watchMachine } from './support/machine.ts';
import { alternate } from './support/rounds.ts';
import { trialNotes } from './support/trial-note.ts';
import { storeVersions } from './support/versions.ts';

const AIMS = { itemsPerSecond: 35, redisCalls: 10, mongoCalls: 5 };
/** CPU of the worker for an item, in milliseconds, by the number of processes. */
const WORKER_AIMS: Readonly<Record<number, number>> = { 1: 25, 4: 30 };

const COLUMNS: Group['columns'] = [
  { key: 'itemsPerSecond', label: 'items/s', digits: 1 },
  { key: 'workerMs', label: 'worker CPU ms/item', digits: 1 },
  { key: 'RedisMs', label: 'of Redis', digits: 1 },
  { key: 'MongoDBMs', label: 'of MongoDB', digits: 1 },
  { key: 'MinIOMs', label: 'of MinIO', digits: 1 },
  { key: 'AzuriteMs', label: 'of Azurite', digits: 1 },
  { key: 'redisCalls', label: 'Redis calls/item', digits: 1 },
  { key: 'redisCommands', label: 'Redis commands/item', digits: 0 },
  { key: 'mongoCalls', label: 'MongoDB calls/item', digits: 1 },
  { key: 'minioCalls', label: 'MinIO requests/item', digits: 1 },
  { key: 'azureCalls', label: 'Azure requests/item', digits: 1 },
];

const command = createCommand('bench', 'Measures what a video costs besides its media.', [
  'npm run bench -- overhead --items=200 --workers=1,4 --rounds=1 --json',
])
  .addOption(new Option('--items <n>', 'in each round').argParser(wholeNumber(1, 4_000)).default(500))
  .addOption(new Option('--workers <list>', 'numbers of processes, separated by commas').default('1,2,4'))
  .addOption(
    new Option('--rounds <n>', 'how often each is measured').argParser(wholeNumber(1, 100)).default(3),
  )
  .option('--cpu-prof <directory>', 'for a CPU profile of each worker process')
  .option('--json', 'print one JSON object', false);

await runCommand(async (_signal, closeAtEnd) => {
  const options = command
    .parse()
    .opts<{ items: number; workers: string; rounds: number; cpuProf?: string; json: boolean }>();
  const { items, rounds, json, cpuProf: profiles } = options;
  const counts = options.workers.split(',').map(wholeNumber(1, 256));
  const machine = watchMachine();
  const directory = await startBenchServers(closeAtEnd, SERVER_NAMES);
  const versions: Record<string, string> = {};
  const results = await alternate(
    rounds,
    counts.map((workers) => ({
      name: nameOf(workers),
      run: () =>
        runOverhead({
          ...{ items, workers, profiles, versions },
          directory: mkdtempSync(path.join(directory, 'round-')),
        }),
    })),
  );
  const group: Group = {
    title: 'WORKER PROCESSES',
    columns: COLUMNS,
    rows: counts.map((workers) => toRow(nameOf(workers), results.get(nameOf(workers)) ?? [])),
  };
  const report: BenchReport = {
    bench: 'overhead',
    method:
      'Files of 40 kB that are there at once go through download, upload and mirror; Redis, MongoDB and both stores are real and on the same machine. Measured after 100 videos for each process. A call to Redis is what one connection writes to it at once: several commands, scripts or pipelines of jobs that run side by side may be one; its commands are also those inside scripts.',
    at: new Date().toISOString(),
    machine: machine(),
    versions: { Node: process.version, ...versions, ...(await storeVersions()) },
    options: { items, workers: options.workers, rounds },
    groups: [group],
    ratios: [...counts.flatMap((workers) => ratiosOf(group, workers)), ...gainOf(group, counts)],
    charts: [
      {
        name: 'overhead',
        title: 'CPU time of the worker for an item without its media',
        unit: 'ms',
        digits: 1,
        bars: barsOf(group, 'workerMs'),
        mark: { value: 25, label: 'aim with one process: 25 ms' },
      },
    ],
    notes: trialNotes(command),
  };
  printReport(report, json);
  return 0;
});

function nameOf(workers: number): string {
  return workers === 1 ? '1 process' : `${String(workers)} processes`;
}

function ratiosOf(group: Group, workers: number): Ratio[] {
  const name = nameOf(workers);
  const workerAim = WORKER_AIMS[workers];
  return [
    {
      name: `items/s, ${name}`,
      value: medianOf(group, name, 'itemsPerSecond'),
      aim: { atLeast: AIMS.itemsPerSecond },
    },
    {
      name: `worker CPU ms/item, ${name}`,
      value: medianOf(group, name, 'workerMs'),
      ...(workerAim !== undefined && { aim: { atMost: workerAim } }),
    },
    {
      name: `Redis calls/item, ${name}`,
      value: medianOf(group, name, 'redisCalls'),
      aim: { atMost: AIMS.redisCalls },
    },
    {
      name: `MongoDB calls/item, ${name}`,
      value: medianOf(group, name, 'mongoCalls'),
      aim: { atMost: AIMS.mongoCalls },
    },
  ];
}

/** What the most processes do in relation to the fewest. */
function gainOf(group: Group, counts: readonly number[]): Ratio[] {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (least === most) return [];
  const rate = (workers: number) => medianOf(group, nameOf(workers), 'itemsPerSecond');
  return [
    {
      name: `items/s, ${nameOf(most)} / ${nameOf(least)}`,
      value: rate(most) / rate(least),
      aim: { atLeast: 1 },
    },
  ];
}
