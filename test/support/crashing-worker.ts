/**
 * A worker process for tests: the real one, with its parts wrapped so that it is killed at an exact step. Nothing in
 * production code knows of it.
 */
import path from 'node:path';
import process from 'node:process';
import { runService } from '../../src/cli/run-command.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { MinioStore } from '../../src/storage/minio-store.ts';
import { WORKER_PARTS, type WorkerParts } from '../../src/workers/worker-parts.ts';
import { runWorkerProcess } from '../../src/workers/worker-process.ts';
import { createInstantAudio, die } from './crashing-worker-audio.ts';
import { crashPlanSchema, type CrashPlan } from './crashing-worker-plan.ts';

const plan = crashPlanSchema.parse(JSON.parse(process.argv[2] ?? ''));
const config = loadConfig(process.env);
const beginningsFile = path.join(path.dirname(config.staging.directory), 'beginnings.txt');

/** The same object, except that one of its methods may kill the process. */
function deadly<T extends object>(part: NonNullable<CrashPlan['death']>['part'], object: T): T {
  const { death } = plan;
  if (death?.part !== part) return object;
  let calls = 0;
  return new Proxy(object, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const call = (args: unknown[]): unknown => Reflect.apply(value, target, args);
      if (name !== death.method) return (...args: unknown[]) => call(args);
      return async (...args: unknown[]) => {
        calls += 1;
        if (death.moment === 'during') return await call(withDeadlyBytes(args, death.call));
        if (death.moment === 'before' && calls === death.call) await die();
        const result = await call(args);
        if (death.moment === 'after' && calls === death.call) await die();
        return result;
      };
    },
  });
}

/** Kills when the transfer tells of moved bytes for the n-th time. */
function withDeadlyBytes(args: readonly unknown[], atCall: number): unknown[] {
  let calls = 0;
  const onBytes = () => {
    calls += 1;
    if (calls === atCall) void die();
  };
  return [...args.slice(0, -1), { ...(args.at(-1) as object), onBytes }];
}

const parts: WorkerParts = {
  ...WORKER_PARTS,
  openDatabase: async (...args) => {
    const database = await WORKER_PARTS.openDatabase(...args);
    return {
      ...database,
      videos: deadly('videos', database.videos),
      attempts: deadly('attempts', database.attempts),
    };
  },
  openQueues: (...args) => deadly('queues', WORKER_PARTS.openQueues(...args)),
  openStaging: (...args) => deadly('staging', WORKER_PARTS.openStaging(...args)),
  createAudio: (...args) =>
    deadly(
      'audio',
      plan.audio.kind === 'real'
        ? WORKER_PARTS.createAudio(...args)
        : createInstantAudio(
            plan.audio,
            deadly('staging', WORKER_PARTS.openStaging(config.staging.directory)),
            beginningsFile,
          ),
    ),
  openBucket: (minio, limits) =>
    deadly(
      'bucket',
      plan.partedFromBytes === undefined
        ? WORKER_PARTS.openBucket(minio, limits)
        : new MinioStore(minio, limits, { fromBytes: plan.partedFromBytes, partBytes: 5 * 1024 ** 2 }),
    ),
  openMirror: (...args) => deadly('mirror', WORKER_PARTS.openMirror(...args)),
};

await runService(async ({ stop, force }) => {
  await runWorkerProcess({
    config,
    logger: createLogger(config.logLevel, { process: `worker-${String(process.pid)}` }),
    queues: plan.queues,
    concurrency: config.concurrency,
    stop,
    force,
    parts,
  });
});
