/**
 * A worker process of a chaos run: the real one, except that it writes down its downloads and may get its audio from
 * prepared files. Nothing in production code knows of it.
 */
import process from 'node:process';
import { loadConfig } from '../../src/config/load.ts';
import { QUEUE_NAMES } from '../../src/queues/catalogue.ts';
import { WORKER_FACTORIES } from '../../src/workers/worker-factories.ts';
import { runTestWorker } from '../support/run-test-worker.ts';
import { createInstantAudio, noted } from './worker-audio.ts';
import { workerOptionsSchema } from './worker-options.ts';

const { form, notesFile } = workerOptionsSchema.parse(JSON.parse(process.argv[2] ?? ''));

await runTestWorker(loadConfig(process.env), QUEUE_NAMES, {
  ...WORKER_FACTORIES,
  createAudio: (media, staging, logger) =>
    noted(
      form === 'instant' ? createInstantAudio(staging) : WORKER_FACTORIES.createAudio(media, staging, logger),
      notesFile,
    ),
});
