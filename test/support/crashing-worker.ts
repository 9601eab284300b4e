/**
 * A worker process for tests: the real one, with its parts wrapped so that it is killed at an exact step. Nothing in
 * production code knows of it.
 */
import path from 'node:path';
import process from 'node:process';
import { loadConfig } from '../../src/config/load.ts';
import { MinioStore } from '../../src/storage/minio-store.ts';
import { WORKER_FACTORIES, type WorkerFactories } from '../../src/workers/worker-factories.ts';
import { createInstantAudio } from './crashing-worker-audio.ts';
import { crashPlanSchema, type CrashPlan } from './crashing-worker-plan.ts';
import { dyingAt } from './dying-at-calls.ts';
import { runTestWorker } from './run-test-worker.ts';

const plan = crashPlanSchema.parse(JSON.parse(process.argv[2] ?? ''));
const config = loadConfig(process.env);
const beginningsFile = path.join(path.dirname(config.staging.directory), 'beginnings.txt');

/** The same object, except that it may kill the process, as the plan says. */
function deadly<T extends object>(part: NonNullable<CrashPlan['death']>['part'], object: T): T {
  return plan.death?.part === part ? dyingAt(plan.death, object) : object;
}

const parts: WorkerFactories = {
  ...WORKER_FACTORIES,
  openDatabase: async (...args) => {
    const database = await WORKER_FACTORIES.openDatabase(...args);
    return {
      ...database,
      videos: deadly('videos', database.videos),
      attempts: deadly('attempts', database.attempts),
    };
  },
  openQueues: (...args) => deadly('queues', WORKER_FACTORIES.openQueues(...args)),
  openStaging: (...args) => deadly('staging', WORKER_FACTORIES.openStaging(...args)),
  createAudio: (media, _staging, logger) =>
    deadly(
      'audio',
      plan.audio.kind === 'real'
        ? WORKER_FACTORIES.createAudio(media, WORKER_FACTORIES.openStaging(config.staging.directory), logger)
        : createInstantAudio(
            plan.audio,
            deadly('staging', WORKER_FACTORIES.openStaging(config.staging.directory)),
            beginningsFile,
          ),
    ),
  openBucket: (minio, limits) =>
    deadly(
      'bucket',
      plan.partedFromBytes === undefined
        ? WORKER_FACTORIES.openBucket(minio, limits)
        : new MinioStore(minio, limits, { fromBytes: plan.partedFromBytes, partBytes: 5 * 1024 ** 2 }),
    ),
  openMirror: (...args) => deadly('mirror', WORKER_FACTORIES.openMirror(...args)),
};

await runTestWorker(config, plan.queues, parts);
