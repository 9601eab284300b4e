import { once } from 'node:events';
import { hostname } from 'node:os';
import process from 'node:process';
import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import type { QueueName } from '../domain/queues.ts';
import { connectRedis } from '../queues/connections.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import { readRedisHealth } from '../queues/redis-health.ts';
import { startHealthServer } from '../runtime/health-server.ts';
import { toError } from '../domain/job-errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { Cleanups } from '../runtime/cleanups.ts';
import { waitForServer } from '../runtime/retry.ts';
import { openEgress } from '../egress/egress.ts';
import { drainWorkers } from './shutdown.ts';
import { SuspectIsolation } from './suspect-isolation.ts';
import { startWorkers, type WorkerDependencies } from './start-workers.ts';
import { loadFactories, type WorkerFactories } from './worker-factories.ts';

export interface WorkerProcessOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly queues: readonly QueueName[];
  readonly concurrency: Readonly<Record<QueueName, number>>;
  /** Aborted to stop: takes no more jobs and ends those at work within the grace time. */
  readonly stop: AbortSignal;
  /** Aborted to stop at once: jobs at work are interrupted. */
  readonly force: AbortSignal;
  readonly factories?: WorkerFactories;
}

/** Runs the workers of some queues until told to stop. Resolves when everything is closed. */
export async function runWorkerProcess(options: WorkerProcessOptions): Promise<void> {
  const { config, logger, stop } = options;
  const cleanups = new Cleanups((what, err) => {
    logger.warn({ err }, `${what} failed`);
  });
  try {
    const started = await open(options, cleanups);
    if (started === undefined) return;
    try {
      if (!stop.aborted) await Promise.race([once(stop, 'abort'), started.failed]);
    } finally {
      logger.info({ graceMs: config.worker.shutdownGraceMs }, 'Stopping: no more jobs are taken');
      await drainWorkers(started.workers, config.worker.shutdownGraceMs, options.force, logger);
    }
  } finally {
    await cleanups.runAll();
    logger.info('Stopped');
  }
}

/** @returns undefined when it was told to stop meanwhile. */
async function open(options: WorkerProcessOptions, cleanups: Cleanups) {
  const { config, logger, stop } = options;
  const factories =
    options.factories ??
    (await loadFactories(options.queues, config.azure !== undefined, config.staging.form));
  const { healthHost: host, healthPort: port } = config.worker;
  const checks: Record<string, () => Promise<void>> = {};
  const waitFor = <T>(what: string, work: () => Promise<T>) => waitForServer(what, work, logger, stop);
  if (port !== undefined) {
    const health = await startHealthServer({ host, port, checks });
    cleanups.add('the health server', () => health.close());
    logger.info({ port: health.port }, 'Health at /livez and /readyz');
  }
  checks['started'] = () => Promise.reject(new Error('The worker is still starting.'));
  try {
    const connection = connectRedis(config.redis, 'worker');
    cleanups.add('Redis', () => connection.quit());
    const queues = factories.openQueues(config.redis);
    cleanups.add('the queues', () => queues.close());
    checks['redis'] = () => queues.ping();
    const opened: { database?: Database } = {};
    if (options.queues.includes('maintenance')) {
      const { watchServers } = await import('./watch-servers.ts');
      const watch = watchServers({
        ...{ config, queues, logger, stop, database: () => opened.database },
        store: factories.openBucket(config.minio, config.storage),
        mirror: config.azure && factories.openMirror(config.azure, config.storage),
      });
      cleanups.add('the watch of the servers', () => watch.close());
    }
    await waitFor('Redis', () => queues.ping());
    // BullMQ goes by this machine's clock when it looks which jobs are due: a wrong one would take all jobs, or none.
    await waitFor('a clock that agrees with that of Redis', () => queues.clock.check({ anew: true }));
    await warnOfRedis(queues, logger);

    const database = await waitFor('MongoDB', () =>
      factories.openDatabase(config.mongo, 'sonotheque-worker'),
    );
    opened.database = database;
    cleanups.add('MongoDB', () => database.close());
    checks['mongodb'] = () => database.ping();

    const readsSources = options.queues.includes('collect') || options.queues.includes('maintenance');
    const sources = readsSources ? await factories.loadSources(config, logger) : undefined;
    const dependencies: WorkerDependencies = {
      config,
      connection,
      database,
      queues,
      stop,
      factories,
      sources,
      egress: openEgress(config, queues, logger),
      isolation: new SuspectIsolation(config.worker.lockMs),
      logger,
      workerName: `${hostname()}-${String(process.pid)}`,
    };
    if (options.queues.includes('maintenance')) {
      const { keepSchedules } = await import('./keep-schedules.ts');
      const stopChecks = await waitFor('the schedules', () =>
        keepSchedules({ ...dependencies, now: () => new Date() }),
      );
      cleanups.add('the schedules', () => void stopChecks());
    }
    checks['started'] = () => Promise.resolve();
    checks['taking jobs'] = () =>
      stop.aborted ? Promise.reject(new Error('The worker is stopping.')) : Promise.resolve();
    return startWorkers(options, dependencies, checks);
  } catch (error) {
    if (stop.aborted) return undefined;
    throw error;
  }
}

/** Warns at once of settings that would lose jobs later; a server that does not show them is used all the same. */
async function warnOfRedis(queues: JobQueues, logger: Logger): Promise<void> {
  try {
    for (const { setting, message, advice } of (await readRedisHealth(queues.redis)).warnings) {
      logger.warn({ setting }, `${message} ${advice}`);
    }
  } catch (error) {
    logger.warn({ err: toError(error) }, 'The settings of Redis cannot be read');
  }
}
