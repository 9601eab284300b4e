/**
 * How fast the dashboard answers: p50 and p95 of the first byte of each page with 20 readers at once, as multiples of /livez in the
 * same run; how soon 50 readers of the events hear of a change; memory and CPU of its process. Uses the servers of the environment,
 * starts those that are missing (then the database is the stand-in, where no mongod is). With MONGO_URL also 1,000,000 videos.
 *
 *   node bench/dashboard.ts [--videos=5000,100000] [--readers=20] [--pages=/,/metrics] [--json]
 *
 * Aims: p95 at most 150 ms on a real MongoDB with 100,000 videos, at most 300 ms on the stand-in with 5,000.
 */
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { Option } from 'commander';
import { createCommand, runCommand, wholeNumber } from '../src/cli/command/run-command.ts';
import { openDatabase, type Database } from '../src/database/database.ts';
import { formatTextTable, numbers } from '../src/text/tables.ts';
import { startDashboardProcess } from './dashboard/dashboard-process.ts';
import { EventReaders, readPage, type Latencies } from './dashboard/load.ts';
import { idOf, seed } from './dashboard/seed.ts';
import { createBenchConfig } from './support/bench-config.ts';
import { startBenchServers } from './support/bench-servers.ts';
import { measure } from './support/measure.ts';

const EVENT_READERS = 50;
const CHANGES = 5;
const REQUESTS_EACH = 10;
const MOST_MS = 20_000;
const FLOOR = '/livez';
const PAGES: readonly string[] = [
  FLOOR,
  '/',
  '/overview/throughput.json',
  '/videos',
  '/videos?status=failed',
  '/videos?class=network',
  '/videos?playlist=playlist.PL1',
  '/videos?playlist=playlist.PL1&sort=title',
  '/videos?sort=size',
  '/videos?text=Rain',
  `/videos/${idOf(20)}`,
  '/playlists',
  '/playlists/playlist.PL1',
  '/health',
  '/reports',
  '/metrics',
  '/api/status',
  '/api/v1/videos',
];

const command = createCommand('bench', 'Measures how fast the dashboard answers.', [
  'npm run bench -- dashboard --videos=5000 --json',
])
  .addOption(new Option('--videos <list>', 'numbers of videos, separated by commas'))
  .addOption(new Option('--readers <n>', 'readers at once').argParser(wholeNumber(1, 1_000)).default(20))
  .addOption(new Option('--pages <list>', 'only these paths, separated by commas'))
  .option('--json', 'print one JSON object', false);

interface Result {
  readonly videos: number;
  readonly countSeconds: number;
  readonly pages: readonly (Latencies & { readonly page: string })[];
  readonly events: readonly Latencies[];
  readonly megabytes: { readonly idle: number; readonly afterPages: number; readonly withEvents: number };
  readonly cpuMsARequest: number;
}

await runCommand(async (_signal, closeAtEnd) => {
  const options = command.parse().opts<{ videos?: string; pages?: string; readers: number; json: boolean }>();
  const { videos, readers, json } = options;
  const pages = options.pages === undefined ? PAGES : [FLOOR, ...options.pages.split(',')];
  const isGiven = (process.env['MONGO_URL'] ?? '') !== '';
  const sizes = (videos ?? `5000,100000${isGiven ? ',1000000' : ''}`).split(',').map(Number);
  await startBenchServers(closeAtEnd, ['redis', 'mongo', 'minio']);
  const results: Result[] = [];
  for (const size of sizes) results.push(await benchSize(size, readers, pages));
  console.log(
    json ? JSON.stringify({ node: process.version, readers, results }) : results.map(format).join('\n\n'),
  );
  return 0;
});

async function benchSize(size: number, readers: number, paths: readonly string[]): Promise<Result> {
  const { name, config, variables } = createBenchConfig({
    STAGING_DIR: path.join(tmpdir(), 'sonotheque-none'),
  });
  const database = await openDatabase(config.mongo, name);
  try {
    await seed(database, size);
    // What reconcile does every few minutes.
    const { seconds: countSeconds } = await measure(() =>
      database.audioTotals.count(new Date(), new AbortController().signal),
    );
    return { videos: size, countSeconds, ...(await benchDashboard(database, variables, { readers, paths })) };
  } finally {
    await database.connection.dropDatabase();
    await database.close();
  }
}

async function benchDashboard(
  database: Database,
  variables: Readonly<Record<string, string | undefined>>,
  { readers, paths }: { readonly readers: number; readonly paths: readonly string[] },
): Promise<Omit<Result, 'videos' | 'countSeconds'>> {
  const dashboard = await startDashboardProcess(variables);
  try {
    const addressOf = (page: string) => new URL(page, dashboard.url).href;
    // The first reader of each page pays for what is compiled and connected then.
    for (const page of paths) await readPage(addressOf(page), 1, { requestsEach: 2, mostMs: MOST_MS });
    const idle = await dashboard.megabytes();
    const cpuBefore = await dashboard.cpuSeconds();
    const pages = [];
    for (const page of paths) {
      const latencies = await readPage(addressOf(page), readers, {
        requestsEach: REQUESTS_EACH,
        mostMs: MOST_MS,
      });
      pages.push({ page, ...latencies });
    }
    const requests = pages.reduce((sum, { requests: count }) => sum + count, 0);
    const cpuMsARequest = (((await dashboard.cpuSeconds()) - cpuBefore) * 1000) / requests;
    const afterPages = await dashboard.megabytes();
    const events = new EventReaders();
    await events.open(addressOf('/events'), EVENT_READERS);
    const heard: Latencies[] = [];
    for (let change = 0; change < CHANGES; change += 1) {
      const skip = { $set: { status: 'skipped', skip_reason: 'ignored', updated_at: new Date() } };
      const filter = { _id: idOf(14 + 20 * change) as never };
      heard.push(
        await events.change(() => database.connection.collection('videos').updateOne(filter, skip), MOST_MS),
      );
    }
    const withEvents = await dashboard.megabytes();
    await events.close();
    return { pages, events: heard, megabytes: { idle, afterPages, withEvents }, cpuMsARequest };
  } finally {
    await dashboard.stop();
  }
}

function format({ videos, countSeconds, pages, events, megabytes, cpuMsARequest }: Result): string {
  const floor = pages.find(({ page }) => page === FLOOR)?.p95Ms ?? 1;
  const table = formatTextTable(
    [`${videos.toLocaleString('en')} VIDEOS`, ...numbers('requests', 'p50 ms', 'p95 ms', `× ${FLOOR}`)],
    pages.map(({ page, requests, p50Ms, p95Ms }) => [
      page,
      String(requests),
      p50Ms.toFixed(0),
      p95Ms.toFixed(0),
      (p95Ms / floor).toFixed(1),
    ]),
  );
  const told = events
    .map(({ requests, p95Ms }) => `${String(requests)} within ${p95Ms.toFixed(0)} ms`)
    .join(', ');
  return [
    table,
    `events: of ${String(EVENT_READERS)} readers heard of a change: ${told}`,
    `memory: ${String(megabytes.idle)} MB idle, ${String(megabytes.afterPages)} MB after the pages, ${String(megabytes.withEvents)} MB with ${String(EVENT_READERS)} readers of events`,
    `CPU: ${cpuMsARequest.toFixed(1)} ms a request; counting the audio: ${countSeconds.toFixed(1)} s`,
  ].join('\n');
}
