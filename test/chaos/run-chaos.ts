import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { generatedPlaylistId } from '../../local/sample-channel/playlists.ts';
import { openDatabase } from '../../src/database/database.ts';
import { JobQueues } from '../../src/queues/job-queues.ts';
import { createProgress } from '../../src/runtime/progress-bar.ts';
import { openAzureStore, openMinioStore } from '../../src/storage/open-stores.ts';
import { countRepeats } from './download-notes.ts';
import { mortalServer, startWorker, type ChaosWorker, type Mortal } from './fleet.ts';
import { followUntilFinal, followUntilIdle, type FollowOptions } from './follow.ts';
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

const ENQUEUE_TRIES = 10;
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
    await followUntilFinal(recovery);
    await followUntilIdle(recovery);
    run.signal.throwIfAborted();
    await Promise.all(workers.map((worker) => worker.stop()));
    say('Reading everything back …');
    const [minio, azure] = [
      openMinioStore(stage.config.minio, stage.config.storage),
      openAzureStore(stage.azure, stage.config.storage),
    ];
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
    const { lost, corrupt, duplicates, strays, ...figures } = findings;
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
      forgottenByAzurite: 0,
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
    await enqueue(run);
    await Promise.race([until(), killing]);
  } finally {
    end.abort();
  }
  return await killing;
}

/** An item is accepted when the command that adds it ends well; until then it is run again, as a person would. */
async function enqueue({ options, stage, directory, signal }: ChaosRun): Promise<void> {
  const program = fileURLToPath(new URL('../../src/cli/enqueue.ts', import.meta.url));
  for (let tries = 0; tries < ENQUEUE_TRIES; tries += 1) {
    signal.throwIfAborted();
    const command = await stage.servers.guard.spawnGuarded(
      'enqueue',
      process.execPath,
      ['--disable-warning=ExperimentalWarning', program, generatedPlaylistId(options.items)],
      { env: stage.environment, logFile: path.join(directory, 'logs', 'enqueue.log') },
    );
    const { code } = await command.ended;
    if (code === 0) return;
    await delay(1_000);
  }
  throw new Error('The items could not be enqueued; see enqueue.log.');
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function total(counts: Readonly<Partial<Record<string, number>>>): number {
  return Object.values(counts).reduce<number>((sum, count) => sum + (count ?? 0), 0);
}
