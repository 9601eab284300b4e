import path from 'node:path';
import { generatedPlaylistId } from '../../local/sample-channel/playlists.ts';
import { openDatabase } from '../../src/database/database.ts';
import { JobQueues } from '../../src/queues/job-queues.ts';
import { createProgress } from '../../src/runtime/progress-bar.ts';
import { openAzureStore, openMinioStore } from '../../src/storage/open-stores.ts';
import { ageAbandonedWork } from './abandoned-work.ts';
import { runUntilWell } from './commands.ts';
import { countRepeats } from './download-notes.ts';
import { mortalServer, startWorker, type ChaosWorker, type Mortal } from './fleet.ts';
import { followUntilFinal, followUntilIdle, type FollowOptions } from './follow.ts';
import { findMissingBlobs } from './forgotten.ts';
import { inspect } from './inspect.ts';
import { killBySchedule } from './killer.ts';
import { readBackAll } from './objects.ts';
import type { ChaosOptions } from './options.ts';
import type { ChaosReport } from './report.ts';
import { killSchedule, type Victim } from './schedule.ts';
import type { Stage } from './stage.ts';

/** What a run needs. */
export interface ChaosRun {
  readonly options: ChaosOptions;
  readonly stage: Stage;
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

const STORM_TRIES = 20;
/** No request fails any more, so that the second try is one too many. */
const CALM_TRIES = 1;
/** After the last kill everything must come to its end by itself within this time. */
const RECOVERY_MS = 300_000;
const SHOWN_PROBLEMS = 20;

/** Runs the items through the pipeline in bad weather, waits for the calm, and reports what is there. */
export async function runChaos(run: ChaosRun): Promise<ChaosReport> {
  const { options, stage, directory, say } = run;
  const startedAt = performance.now();
  const notesFile = path.join(directory, 'downloads.jsonl');
  const workers = await Promise.all(
    Array.from({ length: options.workers }, (_, index) =>
      startWorker(stage.servers.guard, {
        form: options.provider,
        notesFile,
        env: { ...stage.environment, ...stage.workerEnvironment },
        logFile: path.join(directory, 'logs', `worker-${String(index + 1)}.log`),
      }),
    ),
  );
  const database = await openDatabase(stage.config.mongo, 'sonotheque-chaos');
  const queues = new JobQueues(stage.config.redis);
  const progress = createProgress({ label: 'Final', unit: 'items', total: options.items });
  const follow = (ms: number): FollowOptions => ({
    database,
    queues,
    items: options.items,
    progress,
    signal: AbortSignal.any([run.signal, AbortSignal.timeout(ms)]),
  });
  try {
    const kills = await storm(run, workers, () => followUntilFinal(follow(options.durationLimit * 1_000)));
    say('The storm is over; waiting for everything to come to its end.');
    for (const proxy of stage.proxies) proxy.calm();
    const recovery = follow(RECOVERY_MS);
    const settle = async () => {
      await followUntilFinal(recovery);
      return await followUntilIdle(recovery);
    };
    await settle();
    await runUntilWell('reconcile', [], CALM_TRIES, run);
    const unfinishedJobs = await settle();
    run.signal.throwIfAborted();
    await Promise.all(workers.map((worker) => worker.stop()));
    const [minio, azure] = [
      openMinioStore(stage.config.minio, stage.config.storage),
      openAzureStore(stage.azure, stage.config.storage),
    ];
    const killsOfAzurite = kills.filter(({ victim }) => victim === 'azure').map(({ at }) => at);
    const missing = await findMissingBlobs(database, azure, killsOfAzurite);
    await runUntilWell('sync', [], CALM_TRIES, run);
    const abandonedWork = await ageAbandonedWork(stage.config.staging.directory);
    await runUntilWell('reconcile', [], CALM_TRIES, run);
    say('Reading everything back …');
    const findings = await inspect({
      database,
      queues,
      objects: await readBackAll(minio),
      blobs: await readBackAll(azure),
      stagingDirectory: stage.config.staging.directory,
      form: options.provider,
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
      injectedFaults: stage.proxies.reduce((sum, { injected }) => sum + total(injected), 0),
      faultsOf: Object.fromEntries(stage.proxies.map(({ name, injected }) => [name, injected])),
      exchanges: stage.proxies.reduce((sum, { exchanges }) => sum + exchanges, 0),
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
async function storm(run: ChaosRun, workers: readonly ChaosWorker[], until: () => Promise<unknown>) {
  const { options, stage } = run;
  const servers = stage.servers.servers.filter(({ name }) => name !== 'mongo' || stage.isDatabaseReal);
  const victims = new Map<Victim, Mortal[]>([['worker', [...workers]]]);
  for (const server of servers) victims.set(server.name, [mortalServer(server)]);
  const end = new AbortController();
  const killing = killBySchedule(
    killSchedule(options.seed, [...victims.keys()]),
    victims,
    AbortSignal.any([end.signal, run.signal]),
  );
  try {
    // An item is accepted when the command that adds it ends well.
    await runUntilWell('enqueue', [generatedPlaylistId(options.items)], STORM_TRIES, run);
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
