import { hostname } from 'node:os';
import process from 'node:process';
import { z } from 'zod';
import { loadSources } from '../collectors/sources-file.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { openDatabase } from '../database/database.ts';
import { JobQueues } from '../queues/job-queues.ts';
import { appendVersionLog, COLLECTION_BEGINS, collectionEnds } from '../reports/version-log.ts';
import { createLogger } from '../runtime/logger.ts';
import { runWorkerProcess } from '../workers/worker-process.ts';
import { askForRun, chooseSources } from './collect/ask-for-runs.ts';
import { formatAfter, formatBefore, newOfLastDay, readTotals } from './collect/collection-totals.ts';
import { followRuns } from './collect/follow-runs.ts';
import { formatRuns, formatSources, minuteOf, reportRun } from './collect/run-text.ts';
import { createCommand, runCommand } from './run-command.ts';

const command = createCommand('collect', 'Collects sources now, and follows their runs to the end.', [
  'npm run collect -- --list',
  'npm run collect -- le-monde gdelt',
  'npm run collect -- --all --once   # without a running worker, as in CI',
  "npm run collect --silent -- --all --json | jq '.runs[] | {source, status, counts}'",
])
  .argument('[source...]', 'ids of sources.yaml')
  .option('--all', 'all sources that are enabled')
  .option('--once', 'do the work in this process, which ends with the runs')
  .option('--list', 'show the sources, when they are collected next, and why some are not')
  .option('--json', 'print one JSON object')
  .addHelpText(
    'after',
    '\nExits with 1 when a run failed, with 2 for a source that does not exist or lacks its key.\n',
  );

const optionsSchema = z.object({
  all: z.boolean().default(false),
  once: z.boolean().default(false),
  list: z.boolean().default(false),
  json: z.boolean().default(false),
});

await runCommand(async (signal) => {
  command.parse();
  const options = optionsSchema.parse(command.opts());
  const config = loadConfig(process.env);
  const sources = await loadSources(config.collect);
  const choice = options.list ? undefined : chooseSources(sources, command.args, options.all);
  const database = await openDatabase(config.mongo, 'sonotheque-collect');
  const queues = new JobQueues(config.redis);
  const dependencies = { database, queues };
  const done = new AbortController();
  try {
    if (choice === undefined) {
      const latest = await Promise.all(
        sources.map(async ({ id }) => [id, await database.runOverview.latestOf(id)] as const),
      );
      const list = sources.map(({ settings: _settings, ...source }) => source);
      print({ sources: list }, formatSources(sources, new Map(latest), new Date()));
      return 0;
    }
    await queues.ping();
    for (const { source, reason } of choice.disabled) tell(`${source} is left out: disabled, ${reason}.`);
    const before = await readTotals(database);
    tell(formatBefore(before));
    if (options.all) {
      await appendVersionLog(config.versionLogFile, 'COLLECTE_JOURNALIERE_INIT', COLLECTION_BEGINS);
    }
    const runs = await Promise.all(choice.chosen.map((source) => askForRun(source, dependencies)));
    for (const { sourceId, joined } of runs) {
      if (joined) tell(`${sourceId}: another run is under way; this one is followed.`);
    }
    const working = options.once ? work(config, AbortSignal.any([signal, done.signal]), signal) : undefined;
    const following = followRuns(runs, config, dependencies, signal, (run, until) => {
      tell(`${run.source_id}: ${run.error?.message ?? 'failed'} It is tried again at ${minuteOf(until)}.`);
    });
    // The work only ends before the runs when it cannot go on.
    const ended = await Promise.race([following, working?.then(() => following) ?? following]);
    done.abort();
    await working;
    const [after, newInDay] = [await readTotals(database), await newOfLastDay(database, new Date())];
    tell(formatAfter(before, after, newInDay));
    if (options.all) {
      await appendVersionLog(config.versionLogFile, 'COLLECTE_JOURNALIERE_FIN', collectionEnds(newInDay));
    }
    const totals = { before: before.documents, after: after.documents, newInDay };
    print({ runs: ended.map(reportRun), disabled: choice.disabled, totals }, formatRuns(ended));
    return ended.some(({ run }) => run === undefined || run.status === 'failed') ? 1 : 0;
  } finally {
    done.abort();
    await Promise.all([queues.close(), database.close()]);
  }

  function print(value: unknown, text: string): void {
    process.stdout.write(`${options.json ? JSON.stringify(value, undefined, 2) : text}\n`);
  }
});

/** What a person wants to know meanwhile. */
function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** A worker for the runs and their further tries; it keeps no schedules. */
async function work(config: Config, stop: AbortSignal, force: AbortSignal): Promise<void> {
  await runWorkerProcess({
    config: { ...config, worker: { ...config.worker, healthPort: undefined } },
    logger: createLogger(config.logLevel, { process: `collect-${hostname()}` }),
    queues: ['collect', 'retry'],
    concurrency: config.concurrency,
    stop,
    force,
  });
}
