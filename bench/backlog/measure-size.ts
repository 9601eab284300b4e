import { rm } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { openDatabase, type Database } from '../../src/database/database.ts';
import { toError } from '../../src/domain/job-errors.ts';
import { JobQueues } from '../../src/queues/job-queues.ts';
import { startDashboardProcess, type DashboardProcess } from '../dashboard/dashboard-process.ts';
import { readPage } from '../dashboard/load.ts';
import { createBenchConfig } from '../support/bench-config.ts';
import type { Group } from '../support/bench-report.ts';
import { ROOT } from '../support/bench-servers.ts';
import { removeObjects, removeRecords } from '../support/clean-up.ts';
import { toRow, type Figures } from '../support/figures.ts';
import { measure } from '../support/measure.ts';
import { measureChild, type ChildFigures } from '../support/measure-child.ts';
import { residentMegabytesOf } from '../support/process-times.ts';
import { alternate, type Subject } from '../support/rounds.ts';
import { findServers } from '../support/server-times.ts';
import { named } from './compare.ts';
import type { Listing } from './listing.ts';
import { seedBacklog } from './seed-backlog.ts';

const PAGES = ['/livez', '/', '/videos', '/metrics', '/api/status'];
const REQUESTS = 10;
const MOST_MS = 30_000;
const MEGABYTE = 1024 ** 2;
const COLUMNS: Group['columns'] = [
  { key: 'seconds', label: 'seconds', digits: 3 },
  { key: 'slowestSeconds', label: 'slowest', digits: 3 },
  { key: 'cpuSeconds', label: 'CPU s', digits: 2 },
  { key: 'megabytes', label: 'MB', digits: 0 },
];

export interface SizeOptions {
  /** How many videos wait. */
  readonly size: number;
  /** Of each playlist that is enqueued beside them. */
  readonly entries: number;
  readonly rounds: number;
  readonly listing: Listing;
  readonly directory: string;
  readonly signal: AbortSignal;
}

/**
 * Measures one length of the backlog.
 * @param onProblem is told what failed; it is left out, and the rest is measured
 * @throws Error when the servers cannot hold so many
 */
export async function measureSize(
  options: SizeOptions,
  onProblem: (problem: string) => void,
): Promise<Group> {
  const { size, entries, rounds, listing, directory, signal } = options;
  const staging = path.join(directory, 'staging');
  const bench = createBenchConfig({
    STAGING_DIR: staging,
    YTDLP_EXTRA_ARGS: listing.extraArguments,
    EGRESS_BUDGET_PER_HOUR: '0',
    EGRESS_SPACING_SECONDS: '0',
  });
  const { config, variables } = bench;
  const env = { ...process.env, ...variables };
  const run = async (name: string, ...args: string[]): Promise<Figures> => {
    // As `npm run` does; each has flags of its own.
    const cache = { NODE_COMPILE_CACHE: path.join(directory, 'compile-cache', name) };
    const program = [path.join(ROOT, `src/cli/${name}.ts`), ...args];
    return figuresOf(await measureChild(process.execPath, program, { ...env, ...cache }));
  };
  const database = await openDatabase(config.mongo, bench.name);
  const queues = new JobQueues(config.redis);
  try {
    // Compiled once before it counts.
    await run('status', '--json');
    await run('reconcile', '--json');
    console.error(`Writing ${size.toLocaleString('en')} videos …`);
    const redisBefore = await redisMegabytes(queues);
    const { seconds: seedSeconds } = await measure(() => seedBacklog(database, size, { signal }));
    const lost = await run('reconcile', '--json');
    const { waiting, delayed } = await queues.jobs.counts('download');
    const redis = (await redisMegabytes(queues)) - redisBefore;
    const dashboard = await startDashboardProcess(variables);
    try {
      const subjects: readonly Subject<Figures>[] = [
        {
          name: 'empty Node',
          run: async () => figuresOf(await measureChild(process.execPath, ['--eval', '0'], env)),
        },
        { name: 'status', run: () => run('status', '--json') },
        ...PAGES.map((page) => ({ name: page, run: () => readOften(dashboard, page) })),
        { name: 'walk through the records', run: () => walk(database) },
        { name: 'reconcile, nothing to do', run: () => run('reconcile', '--json') },
        {
          name: 'yt-dlp --flat-playlist',
          run: async () => figuresOf(await listing.listAlone(await listing.addPlaylist(entries))),
        },
        { name: 'enqueue', run: async () => await run('enqueue', await listing.addPlaylist(entries)) },
      ];
      const results = await alternate(
        rounds,
        subjects.map((subject) => withoutFailure(subject, onProblem)),
      );
      const servers = findServers(config);
      return {
        title: named(size),
        columns: [...COLUMNS, { key: 'jobs', label: 'jobs', digits: 0 }],
        rows: [
          toRow('writing the records', [{ seconds: seedSeconds }]),
          toRow('reconcile, all jobs lost', [{ ...lost, jobs: waiting + delayed }]),
          ...[...results].map(([name, figures]) => toRow(name, figures)),
          toRow('dashboard', [{ megabytes: await dashboard.megabytes() }]),
          toRow('Redis', [{ megabytes: redis }]),
          ...[...servers]
            .filter(([name]) => name === 'MongoDB')
            .map(([name, pid]) => toRow(name, [{ megabytes: residentMegabytesOf(pid) }])),
        ],
      };
    } finally {
      await dashboard.stop();
    }
  } finally {
    // A database that has ended removes nothing.
    await removeRecords(database, queues).catch(() => undefined);
    await Promise.all([database.close(), queues.close(), rm(staging, { recursive: true, force: true })]);
    await removeObjects(bench);
  }
}

/** One that fails has no figures in that round. */
function withoutFailure(
  { name, run }: Subject<Figures>,
  onProblem: (problem: string) => void,
): Subject<Figures> {
  return {
    name,
    run: async () => {
      try {
        return await run();
      } catch (error) {
        onProblem(`${name}: ${toError(error).message.split('\n', 1)[0] ?? ''}`);
        return {};
      }
    },
  };
}

function figuresOf({ seconds, cpuSeconds, peakMegabytes }: ChildFigures): Figures {
  return { seconds, cpuSeconds, megabytes: peakMegabytes };
}

/** One reader; the median of its requests, and the slowest, which reads what the others are then shown. */
async function readOften(dashboard: DashboardProcess, page: string): Promise<Figures> {
  const { p50Ms, p95Ms } = await readPage(new URL(page, dashboard.url).href, 1, {
    requestsEach: REQUESTS,
    mostMs: MOST_MS,
  });
  return { seconds: p50Ms / 1000, slowestSeconds: p95Ms / 1000 };
}

/** What no pass over all waiting videos can do in less. */
async function walk(database: Database): Promise<Figures> {
  const { seconds } = await measure(async () => {
    const cursor = database.connection
      .collection('videos')
      .find({ status: 'discovered' }, { projection: { provider: 1, video_id: 1, round: 1 } });
    for await (const _record of cursor);
  });
  return { seconds };
}

async function redisMegabytes(queues: JobQueues): Promise<number> {
  const memory = await queues.redis.info('memory');
  return Number(/^used_memory:(\d+)/m.exec(memory)?.[1] ?? 0) / MEGABYTE;
}
