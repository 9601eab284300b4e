/**
 * A worker process of a chaos run: the real one, except that it notes its downloads and may get its audio from
 * prepared files. Nothing in production code knows of it.
 */
import { QUEUE_NAMES } from '../../src/domain/queues.ts';
import process from 'node:process';
import { loadConfig } from '../../src/config/load.ts';
import { WORKER_FACTORIES } from '../support/worker-factories.ts';
import { runTestWorker } from '../support/run-test-worker.ts';
import { createItemAudio, withNotes } from './worker-audio.ts';
import { workerOptionsSchema } from './worker-options.ts';

const { audioSource, notesFile } = workerOptionsSchema.parse(JSON.parse(process.argv[2] ?? ''));

await runTestWorker(loadConfig(process.env), QUEUE_NAMES, {
  ...WORKER_FACTORIES,
  createAudio: (media, staging, logger) =>
    withNotes(
      audioSource === 'instant'
        ? createItemAudio(staging)
        : WORKER_FACTORIES.createAudio(media, staging, logger),
      notesFile,
    ),
});
