import { rm } from 'node:fs/promises';
import { cpus } from 'node:os';
import { openDatabase, type Database } from '../../src/database/database.ts';
import { JobQueues } from '../../src/queues/job-queues.ts';
import { itemId } from '../../test/chaos/items.ts';
import { createBenchConfig } from '../support/bench-config.ts';
import { startBenchWorker, type StubWaits } from '../support/bench-worker.ts';
import { removeObjects, removeRecords } from '../support/clean-up.ts';
import type { Figures } from '../support/figures.ts';
import { waitForItems } from '../support/follow.ts';
import { serverVersions } from '../support/versions.ts';
import { processTimes } from '../support/process-times.ts';
import { countServerSeconds, findServers } from '../support/server-times.ts';
import { steadyRate } from './steady-rate.ts';

const QUEUES = ['download', 'upload', 'sync', 'retry'];
const BATCH = 500;
const STALL_MS = 120_000;

export interface ScaleOptions {
  readonly workers: number;
  readonly items: number;
  readonly stub: StubWaits;
  readonly staging: string;
  /** Those of the servers are put there. */
  readonly versions: Record<string, string>;
  readonly signal: AbortSignal;
}

export interface ScaleFigures extends Figures {
  readonly itemsPerSecond: number;
  /** The part of the processors' time that was used, by whomever. */
  readonly busy: number;
}

/** Runs so many items through so many worker processes that are up already. @throws Error when one fails */
export async function runWorkers(options: ScaleOptions): Promise<ScaleFigures> {
  const { workers: count, items, stub, staging, signal } = options;
  const bench = createBenchConfig({
    STAGING_DIR: staging,
    DOWNLOAD_CONCURRENCY: '1',
    EGRESS_BUDGET_PER_HOUR: '0',
    EGRESS_SPACING_SECONDS: '0',
  });
  const { config, variables } = bench;
  const database = await openDatabase(config.mongo, bench.name);
  const queues = new JobQueues(config.redis);
  try {
    Object.assign(options.versions, await serverVersions({ database, queues }));
    const clientsBefore = await redisFigure(queues, 'clients', /^connected_clients:(\d+)/gm);
    const workers = await Promise.all(
      Array.from({ length: count }, () => startBenchWorker({ queues: QUEUES, variables, stub })),
    );
    try {
      const jobs = await addRecords(database, items);
      const workerSeconds = () => workers.reduce((sum, { pid }) => sum + processTimes(pid).own, 0);
      const before = { worker: workerSeconds(), redis: await redisCommands(queues), machine: machineTimes() };
      const serverSeconds = countServerSeconds(findServers(config));
      const startedAt = performance.now();
      for (let start = 0; start < jobs.length; start += BATCH) {
        await queues.addMany('download', jobs.slice(start, start + BATCH));
      }
      await waitForItems(items, 'sync', { database, queues, signal, stallMs: STALL_MS, intervalMs: 250 });
      const seconds = (performance.now() - startedAt) / 1000;
      const machine = machineTimes();
      const servers = Object.entries(serverSeconds());
      const clients = await redisFigure(queues, 'clients', /^connected_clients:(\d+)/gm);
      return {
        itemsPerSecond: steadyRate(await mirroredTimes(database), count) ?? items / seconds,
        busy: (machine.busyMs - before.machine.busyMs) / (machine.allMs - before.machine.allMs),
        workerMs: ((workerSeconds() - before.worker) / items) * 1000,
        serverMs: (servers.reduce((sum, [, each]) => sum + each, 0) / items) * 1000,
        ...Object.fromEntries(servers.map(([name, each]) => [`${name}Ms`, (each / items) * 1000])),
        redisConnections: (clients - clientsBefore) / count,
        redisCommands: ((await redisCommands(queues)) - before.redis) / items,
      };
    } finally {
      await Promise.all(workers.map((worker) => worker.stop()));
    }
  } finally {
    await removeRecords(database, queues);
    await Promise.all([database.close(), queues.close(), rm(staging, { recursive: true, force: true })]);
    await removeObjects(bench);
  }
}

/** When each item was mirrored, in milliseconds, in order. */
async function mirroredTimes(database: Database): Promise<number[]> {
  const times: number[] = [];
  for await (const page of database.search.walk({}))
    times.push(...page.flatMap(({ mirror }) => mirror?.at.getTime() ?? []));
  return times.toSorted((one, other) => one - other);
}

/** What a producer does before it adds the jobs. */
async function addRecords(database: Database, items: number) {
  const keys = Array.from({ length: items }, (_value, index) => ({
    provider: 'youtube' as const,
    videoId: itemId(index),
  }));
  const jobs = [];
  for (let start = 0; start < items; start += BATCH) {
    const batch = keys.slice(start, start + BATCH);
    const states = await database.videos.discover(
      batch.map((key) => ({ key, url: `https://www.youtube.com/watch?v=${key.videoId}` })),
    );
    jobs.push(...states.map(({ key, round }) => ({ payload: { ...key, round } })));
  }
  return jobs;
}

/** Commands inside scripts count, too. */
async function redisCommands(queues: JobQueues): Promise<number> {
  return await redisFigure(queues, 'commandstats', /:calls=(\d+)/g);
}

/** The sum of what a pattern finds in a section of INFO. */
async function redisFigure(queues: JobQueues, section: string, pattern: RegExp): Promise<number> {
  const text = await queues.redis.info(section);
  return [...text.matchAll(pattern)].reduce((sum, [, figure]) => sum + Number(figure), 0);
}

/** Of all processors together, since the machine was started. */
function machineTimes(): { readonly busyMs: number; readonly allMs: number } {
  let busyMs = 0;
  let allMs = 0;
  for (const { times } of cpus()) {
    const all = Object.values(times).reduce((sum, each) => sum + each, 0);
    allMs += all;
    busyMs += all - times.idle;
  }
  return { busyMs, allMs };
}
