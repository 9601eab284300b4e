/**
 * A worker process of a chaos run: the real one, except that it writes down its downloads and may get its audio from
 * prepared files. Nothing in production code knows of it.
 */
import process from 'node:process';
import { runService } from '../../src/cli/run-command.ts';
import { loadConfig } from '../../src/config/load.ts';
import { QUEUE_NAMES } from '../../src/queues/catalogue.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { WORKER_PARTS } from '../../src/workers/worker-parts.ts';
import { runWorkerProcess } from '../../src/workers/worker-process.ts';
import { createInstantAudio, noted } from './worker-audio.ts';
import { workerOptionsSchema } from './worker-options.ts';

const { form, notesFile } = workerOptionsSchema.parse(JSON.parse(process.argv[2] ?? ''));

await runService(async ({ stop, force }) => {
  const config = loadConfig(process.env);
  await runWorkerProcess({
    config,
    logger: createLogger(config.logLevel, { process: `worker-${String(process.pid)}` }),
    queues: QUEUE_NAMES,
    concurrency: config.concurrency,
    stop,
    force,
    parts: {
      ...WORKER_PARTS,
      createAudio: (media, staging, logger) =>
        noted(
          form === 'instant'
            ? createInstantAudio(WORKER_PARTS.openStaging(staging.directory))
            : WORKER_PARTS.createAudio(media, staging, logger),
          notesFile,
        ),
    },
  });
});
