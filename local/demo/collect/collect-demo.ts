import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import type { EndedRun } from '../../../src/cli/collect/follow-runs.ts';
import { formatRuns, reportRun } from '../../../src/cli/collect/run-text.ts';
import { loadSources } from '../../../src/collectors/sources-file.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { openDatabase } from '../../../src/database/database.ts';
import { JobQueues } from '../../../src/queues/job-queues.ts';
import { lastHours } from '../../../src/reports/collection/report.ts';
import { formatHealth } from '../../../src/reports/collection/health-text.ts';
import { makeReport } from '../../../src/reports/collection/make-report.ts';
import { readHealth } from '../../../src/reports/collection/read-health.ts';
import { UserError } from '../../../src/runtime/user-error.ts';
import { messagesOf } from '../../../src/text/messages/messages-of.ts';
import { SERVER_NAMES, startServers } from '../../servers/start-servers.ts';
import { demoEnvironment } from '../demo-environment.ts';
import type { DemoOptions } from '../options.ts';
import { runPasses } from './run-passes.ts';
import { startStandIns } from './stand-ins.ts';

const DAY_HOURS = 24;

export interface CollectDemoOptions extends DemoOptions {
  readonly checkout: string;
  /** Absolute path of an empty directory. */
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/**
 * Collects twice from stand-ins for all services, without a network: the second pass must find nothing new.
 * @throws UserError when a run failed, or the second pass added something.
 */
export async function runCollectDemo(options: CollectDemoOptions): Promise<void> {
  const { checkout, directory, say, signal } = options;
  say('Starting Redis, MongoDB and stand-ins for the five services …');
  const [servers, standIns] = await Promise.all([
    startServers({
      checkout,
      directory: path.join(directory, 'servers'),
      wanted: SERVER_NAMES,
      persistence: 'disk',
      environment: {},
      onLine: say,
      signal,
    }),
    startStandIns(),
  ]);
  try {
    const sourcesFile = path.join(directory, 'sources.yaml');
    await mkdir(directory, { recursive: true });
    await writeFile(sourcesFile, standIns.sources);
    const variables = { ...servers.variables, ...standIns.variables, SOURCES_FILE: sourcesFile };
    await collect(variables, options);
  } finally {
    await Promise.all([servers.close(), standIns.close()]);
  }
}

async function collect(
  variables: Readonly<Record<string, string>>,
  { directory, json, signal, say }: CollectDemoOptions,
): Promise<void> {
  const config = parseConfig(demoEnvironment(process.env, { ...variables, LOG_LEVEL: 'error' }));
  const database = await openDatabase(config.mongo, 'sonotheque-demo');
  const queues = new JobQueues(config.redis);
  try {
    const onPass = (number: number, runs: readonly EndedRun[]) => {
      say(`\nPass ${String(number)}: +${String(addedBy(runs))} documents\n${formatRuns(runs)}`);
    };
    const passes = await runPasses({ config, database, queues, signal, onPass });
    const at = new Date();
    const configured = await loadSources(config.collect);
    const health = await readHealth({ database, configured }, at);
    const sources = { database, configured, hasMirror: false };
    const messages = messagesOf(config.language);
    const { html } = await makeReport(sources, lastHours(DAY_HOURS, at), at, messages);
    const reportFile = path.join(directory, 'collection-report.html');
    await writeFile(reportFile, html);
    const [first = [], second = []] = passes;
    const added = addedBy(second);
    process.stdout.write(
      json
        ? `${JSON.stringify({ passes: passes.map((runs) => ({ added: addedBy(runs), runs: runs.map(reportRun) })), health })}\n`
        : `\n${formatHealth(health, messages)}\n\nThe first pass added ${String(addedBy(first))} documents, the second ${added === 0 ? 'nothing, as it should' : String(added)}.\nReport: ${reportFile}\n`,
    );
    if (passes.flat().some(({ run }) => run?.status !== 'success')) {
      throw new UserError('A run failed; see above.');
    }
    if (added > 0) throw new UserError('The second pass should have found nothing new.');
  } finally {
    await Promise.all([queues.close(), database.close()]);
  }
}

function addedBy(runs: readonly EndedRun[]): number {
  return runs.reduce(
    (sum, { run }) => sum + (run === undefined ? 0 : run.counts.new + run.counts.updated),
    0,
  );
}
