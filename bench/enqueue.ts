/**
 * How long a long playlist takes to enqueue, in total and until its first job, against a flat listing of the same playlist by yt-dlp
 * alone; and how many jobs a second are added, against `Queue.addBulk` of BullMQ alone. All take turns. Uses the servers of the
 * environment and starts those that are missing; the playlist is one of the sample channel.
 *
 *   npm run bench -- enqueue [--entries=5000] [--rounds=5] [--json]
 *
 * Aims: at most 1.1 times as long as the listing, the first job within a second, as many jobs a second as BullMQ alone.
 */
import path from 'node:path';
import process from 'node:process';
import { Option } from 'commander';
import { parse } from 'shell-quote';
import { generatedPlaylistId } from '../local/sample-channel/playlists.ts';
import { compileCacheOf } from '../local/setup/compile-cache.mjs';
import { spawnSampleChannel } from '../local/sample-channel/spawn-sample-channel.ts';
import { createCommand, runCommand, wholeNumber } from '../src/cli/command/run-command.ts';
import { openDatabase } from '../src/database/database.ts';
import { JobQueues } from '../src/queues/job-queues.ts';
import { addPlainJobs, addStageJobs, optionsOfOurs } from './enqueue/add-jobs.ts';
import { runUntilFirst } from './enqueue/run-until-first.ts';
import { createBenchConfig, type BenchConfig } from './support/bench-config.ts';
import { printReport, type BenchReport, type Group } from './support/bench-report.ts';
import { ROOT, startBenchServers } from './support/bench-servers.ts';
import { removeRecords } from './support/clean-up.ts';
import { barsOf, medianOf, toRow, type Figures } from './support/figures.ts';
import { watchMachine } from './support/machine.ts';
import { alternate } from './support/rounds.ts';
import { trialNotes } from './support/trial-note.ts';
import { mediaVersions, serverVersions } from './support/versions.ts';

const LISTING = 'yt-dlp --flat-playlist';
const ALL_NEW = 'enqueue, all new';
const ALL_KNOWN = 'enqueue, all known';
const PLAIN = 'Queue.addBulk by 100';
const SAME = 'Queue.addBulk, same ids and options';
const OURS = 'JobQueues.addMany by 100';

const command = createCommand('bench', 'Measures how long a long playlist takes to enqueue.', [
  'npm run bench -- enqueue --entries=500 --rounds=3 --json',
])
  .addOption(
    new Option('--entries <n>', 'of the playlist').argParser(wholeNumber(100, 100_000)).default(5_000),
  )
  .addOption(
    new Option('--rounds <n>', 'how often each is measured').argParser(wholeNumber(1, 100)).default(5),
  )
  .option('--json', 'print one JSON object', false);

await runCommand(async (_signal, closeAtEnd) => {
  const { entries, rounds, json } = command
    .parse()
    .opts<{ entries: number; rounds: number; json: boolean }>();
  const machine = watchMachine();
  await startBenchServers(closeAtEnd, ['redis', 'mongo']);
  const channel = closeAtEnd(
    await spawnSampleChannel({ directory: path.join(ROOT, '.sonotheque/sample-channel') }),
  );
  const playlistId = generatedPlaylistId(entries);
  const newConfig = () => createBenchConfig({ YTDLP_EXTRA_ARGS: channel.extraArguments });
  const enqueue = async (bench: BenchConfig) =>
    await withServers(bench, async (queues) => {
      const hasJob = async () => (await queues.jobs.counts('download')).waiting > 0;
      const program = [path.join(ROOT, 'src/cli/enqueue.ts'), playlistId];
      // Its own, not that of the benchmark.
      const variables = { ...bench.variables, NODE_COMPILE_CACHE: compileCacheOf('enqueue') };
      return await runUntilFirst(process.execPath, program, variables, hasJob);
    });
  const known = newConfig();
  const { media } = known.config;
  const versions = await withServers(known, async (queues, database) => ({
    ...(await serverVersions({ queues, database })),
    ...(await mediaVersions(media.ytDlpPath, media.ffmpegPath)),
  }));
  await enqueue(known);
  const listing = [
    ...['--ignore-config', '--flat-playlist', '--lazy-playlist', '--print', '%(id)s'],
    ...parse(channel.extraArguments).filter((word) => typeof word === 'string'),
    ...['--', `https://www.youtube.com/playlist?list=${playlistId}`],
  ];
  const results = await alternate<Figures>(rounds, [
    { name: LISTING, run: () => runUntilFirst(media.ytDlpPath, listing, {}, 'output') },
    {
      name: ALL_NEW,
      run: async () => {
        const bench = newConfig();
        try {
          return await enqueue(bench);
        } finally {
          await withServers(bench, (queues, database) => removeRecords(database, queues));
        }
      },
    },
    {
      name: ALL_KNOWN,
      // Its first job is there already.
      run: async () => ({ seconds: (await enqueue(known)).seconds }),
    },
    { name: PLAIN, run: () => addPlainJobs(entries) },
    { name: SAME, run: () => addPlainJobs(entries, optionsOfOurs) },
    { name: OURS, run: () => addStageJobs(entries) },
  ]);
  await withServers(known, (queues, database) => removeRecords(database, queues));
  const rows = [...results].map(([name, figures]) => toRow(name, figures));
  const group: Group = {
    title: `${entries.toLocaleString('en')} ENTRIES`,
    columns: [
      { key: 'seconds', label: 'seconds', digits: 2 },
      { key: 'firstSeconds', label: 'until the first', digits: 2 },
      { key: 'jobsPerSecond', label: 'jobs/s', digits: 0 },
    ],
    rows,
  };
  const report: BenchReport = {
    bench: 'enqueue',
    method: `\`npm run enqueue\` (without npm) of a playlist of ${String(entries)} entries into an empty and into a full database, from its start to its end and to its first job, and yt-dlp alone, to its first line; then as many jobs are added to Redis by our code, by BullMQ alone, and by BullMQ with the ids and options of our jobs.`,
    at: new Date().toISOString(),
    machine: machine(),
    versions,
    options: { entries, rounds },
    groups: [group],
    ratios: [
      {
        name: 'seconds, enqueue / listing alone',
        value: medianOf(group, ALL_NEW, 'seconds') / medianOf(group, LISTING, 'seconds'),
        aim: { atMost: 1.1 },
      },
      {
        name: 'seconds until the first job',
        value: medianOf(group, ALL_NEW, 'firstSeconds'),
        aim: { atMost: 1 },
      },
      {
        name: 'jobs a second, JobQueues / BullMQ alone',
        value: medianOf(group, OURS, 'jobsPerSecond') / medianOf(group, PLAIN, 'jobsPerSecond'),
        aim: { atLeast: 0.95 },
      },
      {
        name: 'jobs a second, JobQueues / BullMQ with the same ids and options',
        value: medianOf(group, OURS, 'jobsPerSecond') / medianOf(group, SAME, 'jobsPerSecond'),
        aim: { atLeast: 0.95 },
      },
      {
        name: 'seconds until the first job / until the first line of yt-dlp',
        value: medianOf(group, ALL_NEW, 'firstSeconds') / medianOf(group, LISTING, 'firstSeconds'),
      },
    ],
    charts: [
      {
        name: 'enqueue',
        title: `Time to enqueue ${entries.toLocaleString('en')} entries`,
        unit: 'seconds',
        digits: 2,
        bars: barsOf({ ...group, rows: rows.filter(({ figures }) => figures['seconds']) }, 'seconds'),
      },
    ],
    notes: trialNotes(command),
  };
  printReport(report, json);
  return 0;
});

async function withServers<T>(
  { config, name }: BenchConfig,
  work: (queues: JobQueues, database: Awaited<ReturnType<typeof openDatabase>>) => Promise<T>,
): Promise<T> {
  const database = await openDatabase(config.mongo, name);
  const queues = new JobQueues(config.redis);
  try {
    return await work(queues, database);
  } finally {
    await Promise.all([queues.close(), database.close()]);
  }
}
