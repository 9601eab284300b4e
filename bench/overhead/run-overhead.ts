import path from 'node:path';
import process from 'node:process';
import { openDatabase } from '../../src/database/database.ts';
import { JobQueues } from '../../src/queues/job-queues.ts';
import { totalCalls, type CalledServer } from '../../test/support/call-counts.ts';
import { sendThrough } from '../../test/support/counted-videos.ts';
import {
  callsBetween,
  startCountedWorker,
  type CountedWorker,
} from '../../test/support/counted-worker-process.ts';
import { createBenchConfig } from '../support/bench-config.ts';
import { removeObjects, removeRecords } from '../support/clean-up.ts';
import type { Figures } from '../support/figures.ts';
import { countServerSeconds, findServers } from '../support/server-times.ts';
import { serverVersions } from '../support/versions.ts';

export interface OverheadOptions {
  readonly items: number;
  readonly workers: number;
  /** For logs and staging. */
  readonly directory: string;
  /** Where CPU profiles of the workers are written; undefined: none. */
  readonly profiles: string | undefined;
  /** Those of the servers are put there. */
  readonly versions: Record<string, string>;
}

/** For each worker, before anything is measured: a process that has just started interprets what it compiles later. */
const WARM_UP_ITEMS = 100;
const DEADLINE_MS = 600_000;
const CALLS: Readonly<Record<CalledServer, string>> = {
  redis: 'redisCalls',
  mongodb: 'mongoCalls',
  minio: 'minioCalls',
  azure: 'azureCalls',
};

/** Sends new videos through all stages, with some worker processes that run already. @throws Error when one fails */
export async function runOverhead(options: OverheadOptions): Promise<Figures> {
  const { items, directory, profiles } = options;
  const bench = createBenchConfig({
    STAGING_DIR: path.join(directory, 'staging'),
    EGRESS_BUDGET_PER_HOUR: '0',
    EGRESS_SPACING_SECONDS: '0',
    HEALTH_PORT: '',
  });
  const { name, config, variables } = bench;
  const database = await openDatabase(config.mongo, name);
  const queues = new JobQueues(config.redis);
  const workers: CountedWorker[] = [];
  try {
    Object.assign(options.versions, await serverVersions({ database, queues }));
    const nodeOptions = profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`];
    for (let index = 0; index < options.workers; index += 1) {
      const logFile = path.join(directory, `${name}-${String(index)}.log`);
      workers.push(await startCountedWorker({ ...process.env, ...variables }, logFile, nodeOptions));
    }
    const read = () => Promise.all(workers.map((worker) => worker.report()));
    const warmUp = WARM_UP_ITEMS * options.workers;
    await sendThrough({ database, queues }, 0, warmUp, DEADLINE_MS);
    const before = await read();
    const commandsBefore = await redisCommands(queues);
    const serverSeconds = countServerSeconds(findServers(config));
    const startedAt = performance.now();
    await sendThrough({ database, queues }, warmUp, items, DEADLINE_MS);
    const seconds = (performance.now() - startedAt) / 1000;
    const servers = Object.entries(serverSeconds());
    const commands = (await redisCommands(queues)) - commandsBefore;
    const after = await read();
    const sum = (figure: (index: number) => number) =>
      workers.reduce((total, _worker, index) => total + figure(index), 0) / items;
    const calls = after.map((report, index) =>
      totalCalls(callsBetween((before[index] ?? report).calls, report.calls)),
    );
    return {
      itemsPerSecond: items / seconds,
      workerMs: sum((index) => (after[index]?.cpuMs ?? 0) - (before[index]?.cpuMs ?? 0)),
      ...Object.fromEntries(servers.map(([server, each]) => [`${server}Ms`, (each / items) * 1000])),
      ...Object.fromEntries(
        Object.entries(CALLS).map(([server, key]) => [
          key,
          sum((index) => calls[index]?.[server as CalledServer] ?? 0),
        ]),
      ),
      redisCommands: commands / items,
    };
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
    await removeRecords(database, queues);
    await Promise.all([database.close(), queues.close()]);
    await removeObjects(bench);
  }
}

/** Those inside scripts count, too. */
async function redisCommands(queues: JobQueues): Promise<number> {
  const text = await queues.redis.info('commandstats');
  return [...text.matchAll(/:calls=(\d+)/g)].reduce((sum, [, calls]) => sum + Number(calls), 0);
}
