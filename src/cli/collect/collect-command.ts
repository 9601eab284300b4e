import { hostname } from 'node:os';
import { loadSources } from '../../collectors/sources-file.ts';
import type { Config } from '../../config/config.ts';
import {
  appendVersionLog,
  collectionEnded,
  collectionStarted,
  type VersionLogAction,
} from '../../reports/version-log.ts';
import { createLogger } from '../../runtime/logger.ts';
import { messagesOf } from '../../text/messages/messages-of.ts';
import { formatMoment } from '../../text/units.ts';
import { runWorkerProcess } from '../../workers/worker-process.ts';
import { askForRun, chooseSources } from './ask-for-runs.ts';
import { formatAfter, formatBefore, newOfLastDay, readLabels, sumOfTotals } from './collection-totals.ts';
import { followRuns } from './follow-runs.ts';
import { formatRuns, formatSources, reportRun } from './run-text.ts';
import { printResult } from '../command/output.ts';
import type { CloseAtEnd } from '../command/run-command.ts';
import { commandConfig } from '../command/config.ts';
import { openServers } from '../command/servers.ts';

export type CollectOptions = Partial<Record<'all' | 'once' | 'list' | 'json', boolean>>;

/** Collects sources now and waits until their runs have ended. @returns the exit code */
export async function collect(
  named: readonly string[],
  options: CollectOptions,
  signal: AbortSignal,
  closeAtEnd: CloseAtEnd,
): Promise<number> {
  const { all = false, json = false } = options;
  const config = commandConfig();
  const sources = await loadSources(config.collect);
  const choice = options.list ? undefined : chooseSources(sources, named, all);
  const { database, queues } = await openServers(
    config,
    { name: 'sonotheque-collect', writes: choice !== undefined },
    closeAtEnd,
  );
  const dependencies = { database, queues };
  const log = (action: VersionLogAction, details: string) =>
    appendVersionLog(config.versionLogFile, action, details, ({ message }) => {
      console.error(message);
    });
  if (choice === undefined) {
    const latest = await Promise.all(
      sources.map(async ({ id }) => [id, await database.runOverview.latestOf(id)] as const),
    );
    const list = sources.map(({ settings: _settings, ...source }) => source);
    printResult(json, { sources: list }, formatSources(sources, new Map(latest), new Date()));
    return 0;
  }
  await queues.ping();
  for (const { source, reason } of choice.disabled) console.error(`${source} is disabled: ${reason}.`);
  const messages = messagesOf(config.language);
  const labels = await readLabels(database, sources);
  const before = await database.documents.totalsBySource();
  console.error(formatBefore(before, labels, messages));
  await log('COLLECTE_JOURNALIERE_INIT', collectionStarted(all ? [] : choice.chosen.map(({ id }) => id)));
  const runs = await Promise.all(choice.chosen.map((source) => askForRun(source, dependencies)));
  for (const { sourceId, joined } of runs) {
    if (joined) console.error(`${sourceId}: a run is already in progress; following that run.`);
  }
  const done = new AbortController();
  closeAtEnd({
    close: () => {
      done.abort();
    },
  });
  const working = options.once ? work(config, AbortSignal.any([signal, done.signal]), signal) : undefined;
  const following = followRuns(runs, config, dependencies, signal, (run, until) => {
    console.error(
      `${run.source_id}: ${run.error?.message ?? 'failed'} Next attempt at ${formatMoment(until)}.`,
    );
  });
  // The worker ends before the runs only when it cannot continue.
  const ended = await Promise.race([following, working?.then(() => following) ?? following]);
  done.abort();
  await working;
  const after = await database.documents.totalsBySource();
  const newInDay = await newOfLastDay(database, new Date());
  console.error(formatAfter(before, after, labels, newInDay, messages));
  await log('COLLECTE_JOURNALIERE_FIN', collectionEnded(newInDay));
  const totals = { before: sumOfTotals(before), after: sumOfTotals(after), newInDay };
  const report = { runs: ended.map(reportRun), disabled: choice.disabled, totals };
  printResult(json, report, formatRuns(ended));
  return ended.some(({ run }) => run === undefined || run.status === 'failed') ? 1 : 0;
}

/** A worker for the runs and their retries, without schedules. */
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
