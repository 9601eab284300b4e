import path from 'node:path';
import { generatedPlaylistId } from '../../local/sample-channel/playlists.ts';
import { openDatabase } from '../../src/database/database.ts';
import { JobQueues } from '../../src/queues/job-queues.ts';
import { createProgress } from '../../src/runtime/progress-bar.ts';
import { STAGING_PREFIX } from '../../src/storage/object-names.ts';
import { openAzureStore, openMinioStore } from '../../src/storage/open-stores.ts';
import { ageAbandonedWork } from './abandoned-work.ts';
import { runUntilSuccess } from './commands.ts';
import { countRepeats } from './download-notes.ts';
import { killableServer, startWorker, type ChaosWorker, type Killable } from './killable.ts';
import { waitUntilFinal, waitUntilIdle, type WaitOptions } from './wait.ts';
import { findMissingBlobs } from './missing-blobs.ts';
import { checkOutcome } from './check-outcome.ts';
import { killBySchedule } from './killer.ts';
import { namesOf, readBackAll } from './objects.ts';
import type { ChaosOptions } from './options.ts';
import type { ChaosReport } from './report.ts';
import { killSchedule, type Victim } from './schedule.ts';
import type { ChaosEnvironment } from './chaos-environment.ts';

export interface ChaosRun {
  readonly options: ChaosOptions;
  readonly environment: ChaosEnvironment;
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

const ENQUEUE_TRIES = 20;
/** No request fails any more: the first try must succeed. */
const TRIES_WITHOUT_FAULTS = 1;
/** After the last kill all items must finish by themselves within this time. */
const RECOVERY_MS = 300_000;
const SHOWN_PROBLEMS = 20;

/** Runs the items through the pipeline with kills and faults, stops both, waits for the end, and checks the outcome. */
export async function runChaos(run: ChaosRun): Promise<ChaosReport> {
  const { options, environment, directory, log } = run;
  const startedAt = performance.now();
  const notesFile = path.join(directory, 'downloads.jsonl');
  const workers = await Promise.all(
    Array.from({ length: options.workers }, (_, index) =>
      startWorker(environment.servers.guard, {
        audioSource: options.provider,
        notesFile,
        env: { ...environment.variables, ...environment.workerVariables },
        logFile: path.join(directory, 'logs', `worker-${String(index + 1)}.log`),
      }),
    ),
  );
  const database = await openDatabase(environment.config.mongo, 'sonotheque-chaos');
  const queues = new JobQueues(environment.config.redis);
  const progress = createProgress({ label: 'Final', unit: 'items', total: options.items });
  const waitOptions = (ms: number): WaitOptions => ({
    database,
    queues,
    items: options.items,
    progress,
    signal: AbortSignal.any([run.signal, AbortSignal.timeout(ms)]),
  });
  try {
    const kills = await enqueueUnderKills(run, workers, () =>
      waitUntilFinal(waitOptions(options.durationLimit * 1_000)),
    );
    log('Kills and faults have stopped; waiting until all items are finished.');
    for (const proxy of environment.proxies) proxy.stopFaults();
    const recovery = waitOptions(RECOVERY_MS);
    const waitForEnd = async () => {
      await waitUntilFinal(recovery);
      return await waitUntilIdle(recovery);
    };
    await waitForEnd();
    await runUntilSuccess('reconcile', [], TRIES_WITHOUT_FAULTS, run);
    const unfinishedJobs = await waitForEnd();
    run.signal.throwIfAborted();
    await Promise.all(workers.map((worker) => worker.stop()));
    const [minio, azure] = [
      openMinioStore(environment.config.minio, environment.config.storage),
      openAzureStore(environment.azure, environment.config.storage),
    ];
    const killsOfAzurite = kills.filter(({ victim }) => victim === 'azure').map(({ at }) => at);
    const missing = await findMissingBlobs(database, azure, killsOfAzurite);
    await runUntilSuccess('sync', [], TRIES_WITHOUT_FAULTS, run);
    const abandonedWork = await ageAbandonedWork(environment.config.staging.directory);
    await runUntilSuccess('reconcile', [], TRIES_WITHOUT_FAULTS, run);
    log('Reading all objects …');
    const findings = await checkOutcome({
      database,
      queues,
      objects: await readBackAll(minio),
      blobs: await readBackAll(azure),
      stagingDirectory: environment.config.staging.directory,
      stagedObjects: await namesOf(minio, STAGING_PREFIX),
      audioSource: options.provider,
      items: options.items,
    });
    minio.close();
    azure.close();
    const repeats = await countRepeats(notesFile);
    const { lost: lostItems, corrupt, duplicates, strays, ...figures } = findings;
    const lost = [...missing.unexplained, ...lostItems];
    return {
      provider: options.provider,
      items: options.items,
      workers: options.workers,
      seed: options.seed,
      ...figures,
      lost: lost.length,
      corrupt: corrupt.length,
      duplicates: duplicates.length,
      strays: strays.length,
      unfinishedJobs,
      abandonedWork,
      forgottenByAzurite: missing.forgotten,
      repeatedDownloads: repeats.all,
      repeatedAfterKill: repeats.afterKill,
      kills: kills.length,
      killsOf: countBy(kills.map(({ victim }) => victim)),
      injectedFaults: environment.proxies.reduce((sum, { injected }) => sum + total(injected), 0),
      faultsOf: Object.fromEntries(environment.proxies.map(({ name, injected }) => [name, injected])),
      exchanges: environment.proxies.reduce((sum, { exchanges }) => sum + exchanges, 0),
      crashes: workers.flatMap(({ crashes }) => crashes),
      seconds: Math.round((performance.now() - startedAt) / 100) / 10,
      problems: [...lost, ...corrupt, ...duplicates, ...strays].slice(0, SHOWN_PROBLEMS),
    };
  } finally {
    progress.stop();
    await Promise.all([queues.close(), database.close()]);
  }
}

/** Kills by the schedule, enqueues meanwhile, and ends when `until` does. */
async function enqueueUnderKills(
  run: ChaosRun,
  workers: readonly ChaosWorker[],
  until: () => Promise<unknown>,
) {
  const { options, environment } = run;
  const servers = environment.servers.servers.filter(
    ({ name }) => name !== 'mongo' || environment.isDatabaseReal,
  );
  const victims = new Map<Victim, Killable[]>([['worker', [...workers]]]);
  for (const server of servers) victims.set(server.name, [killableServer(server)]);
  const end = new AbortController();
  const killing = killBySchedule(
    killSchedule(options.seed, [...victims.keys()]),
    victims,
    AbortSignal.any([end.signal, run.signal]),
  );
  try {
    // An item is accepted when the command that adds it exits with 0.
    await runUntilSuccess('enqueue', [generatedPlaylistId(options.items)], ENQUEUE_TRIES, run);
    await Promise.race([until(), killing]);
  } finally {
    end.abort();
  }
  return await killing;
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function total(counts: Readonly<Partial<Record<string, number>>>): number {
  return Object.values(counts).reduce<number>((sum, count) => sum + (count ?? 0), 0);
}
