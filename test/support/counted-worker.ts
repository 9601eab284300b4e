/**
 * A worker process that finds small files in place of what it would download, counts its calls to the servers, and tells its
 * parent what it has counted and used whenever it is asked. For tests and benchmarks.
 */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { loadConfig } from '../../src/config/load.ts';
import type { AudioPipeline, AudioStaging } from '../../src/media/audio-pipeline.ts';
import type { WorkerFactories } from '../../src/workers/worker-factories.ts';
import { CallCounter } from './call-counts.ts';
import { COUNTED_QUEUES, type WorkerReport } from './counted-worker-process.ts';
import { runTestWorker } from './run-test-worker.ts';
import { stageMadeAudio } from './stage-made-audio.ts';
import { WORKER_FACTORIES } from './worker-factories.ts';

/** A second of MP3 at 320 kbit/s. */
const SIZE_BYTES = 40_000;

const config = loadConfig(process.env);
const counter = new CallCounter();
counter.watchRedis();
counter.watchStores(config.minio.port);

/** Each stage of a real download reports its progress. */
const STAGES = ['extract', 'fetch', 'convert', 'check'] as const;

const ready = path.join(path.dirname(config.staging.directory), `ready-${String(process.pid)}.mp3`);
await mkdir(path.dirname(ready), { recursive: true });
await writeFile(ready, Buffer.alloc(SIZE_BYTES, 'audio'));

function createReadyAudio(staging: AudioStaging): AudioPipeline {
  return {
    produce: async (key, context) => {
      for (const stage of STAGES) context.onProgress({ stage, percent: 100 });
      const made = {
        ...{ sizeBytes: SIZE_BYTES, durationSeconds: 1, title: 'A title' },
        write: (file: string) => copyFile(ready, file),
      };
      return await stageMadeAudio(staging, key, made, context.signal);
    },
  };
}

const factories: WorkerFactories = {
  ...WORKER_FACTORIES,
  openDatabase: async (...args) => {
    const database = await WORKER_FACTORIES.openDatabase(...args);
    counter.watchMongo(database.connection);
    return database;
  },
  createAudio: (_media, staging) => createReadyAudio(staging),
};

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  const report: WorkerReport = { calls: counter.read(), cpuMs: (user + system) / 1000 };
  process.send?.(report);
});

await runTestWorker(config, COUNTED_QUEUES, factories);
process.disconnect();
