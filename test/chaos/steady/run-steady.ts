import { openDatabase, type Database } from '../../../src/database/database.ts';
import { JobQueues } from '../../../src/queues/job-queues.ts';
import { createProgress } from '../../../src/runtime/progress-bar.ts';
import { elapsed, waitUntilFinal } from '../wait.ts';
import type { ChaosRun } from '../run-chaos.ts';
import { feed } from './feed.ts';
import { readProcessFigures, type ProcessFigures } from './process-figures.ts';
import { readRedisFigures, type RedisFigures } from './redis-figures.ts';
import type { SteadyReport } from './report.ts';
import { startSteadyWorker, type SteadyWorker } from './steady-worker.ts';
import { minimumPerMinute, trendOf, type Point, type Trend } from './trend.ts';

/** Reconcile reads all items each time: more often than in production, but not all the time. */
const RECONCILE_INTERVALS = { RECONCILE_INTERVAL_SECONDS: '30', RECONCILE_BUCKET_INTERVAL_SECONDS: '120' };
const SAMPLE_EVERY_MS = 5_000;
/** Longer than the longest delay of the retry queue. */
const DRAIN_MS = 180_000;
const MB = 1_000_000;
/** How far a figure may grow in the second half of a run of any length. */
const LIMITS = { rssMb: 24, openFiles: 4, threads: 1, otherKeys: 25, redisMb: 3, jobs: 100 };

interface Sample {
  readonly atMs: number;
  readonly workers: readonly ProcessFigures[];
  readonly redis: RedisFigures;
}

/** Gives workers new items at an even rate, without faults, and samples their memory, files, threads, and Redis. */
export async function runSteady(run: ChaosRun, minutes: number): Promise<SteadyReport> {
  const { options, environment, directory, log } = run;
  // Without the proxies of a chaos run.
  const variables = {
    ...environment.variables,
    ...environment.servers.variables,
    ...environment.workerVariables,
    ...RECONCILE_INTERVALS,
  };
  const workers = await Promise.all(
    Array.from({ length: options.workers }, (_, index) =>
      startSteadyWorker(`worker-${String(index + 1)}`, environment, variables, directory),
    ),
  );
  const database = await openDatabase(environment.config.mongo, 'sonotheque-steady');
  const queues = new JobQueues(environment.config.redis);
  const untilMs = minutes * 60_000;
  const end = new AbortController();
  const signal = AbortSignal.any([run.signal, end.signal]);
  try {
    log(`Feeding ${String(options.rate)} items a second for ${String(minutes)} min.`);
    const sampling = takeSamples(workers, queues, signal, log);
    let fed: number;
    try {
      fed = await Promise.race([
        feed({ database, queues, rate: options.rate, untilMs, signal: run.signal }),
        // Ends first only when it fails.
        sampling.then(() => 0),
      ]);
    } finally {
      end.abort();
    }
    const samples = await sampling;
    log('Waiting until all items are finished.');
    const counts = await waitForEnd(run, database, queues, fed);
    const ends = await Promise.all(workers.map((worker) => worker.stop()));
    const trends = trendsOf(workers, samples);
    return {
      minutes,
      workers: options.workers,
      rate: options.rate,
      fed,
      ...counts,
      samples: samples.length,
      trends,
      crashes: ends.filter((text) => text !== undefined),
      isFlat: trends.every(({ isFlat }) => isFlat),
    };
  } finally {
    await Promise.all([queues.close(), database.close()]);
  }
}

async function takeSamples(
  workers: readonly SteadyWorker[],
  queues: JobQueues,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<Sample[]> {
  const startedAt = performance.now();
  const samples: Sample[] = [];
  while (await elapsed(SAMPLE_EVERY_MS, signal)) {
    const crash = workers.find((worker) => worker.crash !== undefined)?.crash;
    if (crash !== undefined) throw new Error(crash);
    samples.push({
      atMs: performance.now() - startedAt,
      workers: await Promise.all(workers.map(({ pid }) => readProcessFigures(pid))),
      redis: await readRedisFigures(queues),
    });
    if (samples.length % 12 === 0) log(lineOf(samples));
  }
  return samples;
}

function lineOf(samples: readonly Sample[]): string {
  const last = samples.at(-1);
  const minutes = Math.round((last?.atMs ?? 0) / 60_000);
  const workers = (last?.workers ?? []).map(
    ({ rssBytes, openFiles, threads }) =>
      `${String(Math.round(rssBytes / MB))} MB ${String(openFiles)} files ${String(threads)} threads`,
  );
  const { jobs, otherKeys, usedBytes } = last?.redis ?? { jobs: 0, otherKeys: 0, usedBytes: 0 };
  const redis = `Redis ${String(jobs)} jobs, ${String(otherKeys)} other keys, ${(usedBytes / MB).toFixed(1)} MB`;
  return `${String(minutes)} min: ${[...workers, redis].join('; ')}`;
}

async function waitForEnd(run: ChaosRun, database: Database, queues: JobQueues, fed: number) {
  const progress = createProgress({ label: 'Final', unit: 'items', total: fed });
  const signal = AbortSignal.any([run.signal, AbortSignal.timeout(DRAIN_MS)]);
  try {
    await waitUntilFinal({ database, queues, items: fed, progress, signal });
  } finally {
    progress.stop();
  }
  run.signal.throwIfAborted();
  const { mirrored, failed } = await database.overview.countByStatus();
  return { mirrored, failed };
}

function trendsOf(workers: readonly SteadyWorker[], samples: readonly Sample[]): Trend[] {
  const points = (value: (sample: Sample) => number): Point[] =>
    samples.map((sample) => ({ atMs: sample.atMs, value: value(sample) }));
  return [
    ...workers.flatMap(({ name }, index) => {
      const of = (figure: keyof ProcessFigures) => points((sample) => sample.workers[index]?.[figure] ?? 0);
      const rss = of('rssBytes').map(({ atMs, value }) => ({ atMs, value: value / MB }));
      return [
        trendOf(`${name} RSS MB`, rss, LIMITS.rssMb, minimumPerMinute(rss)),
        trendOf(`${name} open files`, of('openFiles'), LIMITS.openFiles),
        trendOf(`${name} threads`, of('threads'), LIMITS.threads),
      ];
    }),
    trendOf(
      'Redis jobs',
      points(({ redis }) => redis.jobs),
      LIMITS.jobs,
    ),
    trendOf(
      'Redis other keys',
      points(({ redis }) => redis.otherKeys),
      LIMITS.otherKeys,
    ),
    trendOf(
      'Redis MB',
      points(({ redis }) => redis.usedBytes / MB),
      LIMITS.redisMb,
    ),
  ];
}
