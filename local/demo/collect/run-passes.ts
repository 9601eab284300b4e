import { askForRun } from '../../../src/cli/collect/ask-for-runs.ts';
import { followRuns, type EndedRun } from '../../../src/cli/collect/follow-runs.ts';
import { loadSources } from '../../../src/collectors/sources-file.ts';
import type { Config } from '../../../src/config/config.ts';
import type { Database } from '../../../src/database/database.ts';
import type { JobQueues } from '../../../src/queues/job-queues.ts';
import { createSilentLogger } from '../../../src/runtime/logger.ts';
import { runWorkerProcess } from '../../../src/workers/worker-process.ts';

const PASSES = 2;

export interface PassOptions {
  readonly config: Config;
  readonly database: Database;
  readonly queues: JobQueues;
  readonly signal: AbortSignal;
  readonly onPass: (number: number, runs: readonly EndedRun[]) => void;
}

/** Collects every source twice, with a worker in this process. @returns the runs of each pass */
export async function runPasses(options: PassOptions): Promise<(readonly EndedRun[])[]> {
  const { config, database, queues, signal, onPass } = options;
  const sources = await loadSources(config.collect);
  const done = new AbortController();
  const stop = AbortSignal.any([signal, done.signal]);
  const working = runWorkerProcess({
    config,
    logger: createSilentLogger(),
    queues: ['collect', 'retry'],
    concurrency: config.concurrency,
    stop,
    force: stop,
  });
  const collectAll = async () => {
    const passes: (readonly EndedRun[])[] = [];
    for (let number = 1; number <= PASSES; number += 1) {
      const runs = await Promise.all(sources.map((source) => askForRun(source, { database, queues })));
      const ended = await followRuns(runs, config, { database, queues }, signal, () => undefined);
      signal.throwIfAborted();
      onPass(number, ended);
      passes.push(ended);
    }
    return passes;
  };
  try {
    // If the worker ends first it has failed: its error must end the demo.
    const collecting = collectAll();
    return await Promise.race([collecting, working.then(() => collecting)]);
  } finally {
    done.abort();
    await working;
  }
}
