/**
 * A worker process for tests: the real one, with some of its parts wrapped so that it is killed at an exact step, and
 * with audio and sources that do what its plan says. Nothing in production code knows of it.
 */
import path from 'node:path';
import process from 'node:process';
import { loadConfig } from '../../src/config/load.ts';
import { MinioStore } from '../../src/storage/minio-store.ts';
import type { WorkerFactories } from '../../src/workers/worker-factories.ts';
import { WORKER_FACTORIES } from './worker-factories.ts';
import { killAt } from './kill-points.ts';
import { runTestWorker } from './run-test-worker.ts';
import { createPlannedAudio } from './test-worker-audio.ts';
import { createPlannedCollector, toConfiguredSources } from './test-worker-collector.ts';
import {
  AUDIO_NOTES_FILE,
  RUN_NOTES_FILE,
  testWorkerPlanSchema,
  type KillPoint,
} from './test-worker-plan.ts';

const plan = testWorkerPlanSchema.parse(JSON.parse(process.argv[2] ?? ''));
const config = loadConfig(process.env);
const directory = path.dirname(config.staging.directory);

/** The same object, except that it kills the process where the plan says. */
function killable<T extends object>(part: KillPoint['part'], object: T): T {
  return plan.kill?.part === part ? killAt(plan.kill, object) : object;
}

const openBucket: WorkerFactories['openBucket'] = (minio, limits) => {
  const { multipartFromBytes: fromBytes } = plan;
  const partBytes = 5 * 1024 ** 2;
  const multipart = { fromBytes, partBytes, copyPartBytes: partBytes };
  return killable(
    'bucket',
    fromBytes === undefined
      ? WORKER_FACTORIES.openBucket(minio, limits)
      : new MinioStore(minio, limits, { ...multipart, fromBytes }),
  );
};

function createAudio(...[media, , logger]: Parameters<WorkerFactories['createAudio']>) {
  const staging = WORKER_FACTORIES.openStaging(config.staging, () =>
    openBucket(config.minio, config.storage),
  );
  return plan.audio.kind === 'real'
    ? WORKER_FACTORIES.createAudio(media, staging, logger)
    : createPlannedAudio(plan.audio, killable('staging', staging), path.join(directory, AUDIO_NOTES_FILE));
}

const factories: WorkerFactories = {
  ...WORKER_FACTORIES,
  openDatabase: async (...args) => {
    const database = await WORKER_FACTORIES.openDatabase(...args);
    return {
      ...database,
      videos: killable('videos', database.videos),
      backlog: killable('backlog', database.backlog),
      attempts: killable('attempts', database.attempts),
      documents: killable('documents', database.documents),
      runs: killable('runs', database.runs),
      sources: killable('sources', database.sources),
    };
  },
  openQueues: (...args) => killable('queues', WORKER_FACTORIES.openQueues(...args)),
  openStaging: (...args) => killable('staging', WORKER_FACTORIES.openStaging(...args)),
  createAudio: (...args) => killable('audio', createAudio(...args)),
  openBucket,
  openMirror: (...args) => killable('mirror', WORKER_FACTORIES.openMirror(...args)),
  ...(plan.sources !== undefined && {
    kinds: [createPlannedCollector(path.join(directory, RUN_NOTES_FILE))],
    loadSources: () => Promise.resolve(toConfiguredSources(plan.sources ?? [])),
  }),
};

await runTestWorker(config, plan.queues, factories);
