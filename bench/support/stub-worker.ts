/**
 * A worker process whose downloads wait as for a network and then put a small prepared MP3 into the real staging; everything else is
 * as in production.
 *
 *   node bench/support/stub-worker.ts '{"queues":["download","upload"],"waits":10,"leastMs":50,"mostMs":200}'
 */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { loadConfig } from '../../src/config/load.ts';
import { QUEUE_NAMES } from '../../src/domain/queues.ts';
import type { AudioPipeline, AudioStaging } from '../../src/media/audio-pipeline.ts';
import { loadFactories } from '../../src/workers/worker-factories.ts';
import { instantAudio } from '../../test/chaos/items.ts';
import { runTestWorker } from '../../test/support/run-test-worker.ts';
import { STAGED_MP3 } from '../../test/support/sample-audio.ts';

const options = z
  .object({
    queues: z.array(z.enum(QUEUE_NAMES)),
    waits: z.int().min(0),
    leastMs: z.number().min(0),
    mostMs: z.number().min(0),
  })
  .parse(JSON.parse(process.argv[2] ?? ''));

/** The same for an item in every round: so long its download waits each time. */
function waitMs(videoId: string, index: number): number {
  const digest = createHash('sha256')
    .update(`${videoId}/${String(index)}`)
    .digest();
  return options.leastMs + ((options.mostMs - options.leastMs) * digest.readUInt32BE()) / 2 ** 32;
}

function createWaitingAudio(staging: AudioStaging): AudioPipeline {
  return {
    async produce(key, { signal }) {
      for (let index = 0; index < options.waits; index += 1) {
        await delay(waitMs(key.videoId, index), undefined, { signal });
      }
      const { bytes, durationSeconds } = instantAudio(key.videoId);
      const workDirectory = await staging.createWorkDirectory();
      try {
        const workFile = path.join(workDirectory, 'converted.mp3.part');
        await writeFile(workFile, bytes);
        const audio = {
          ...STAGED_MP3,
          sizeBytes: bytes.byteLength,
          durationSeconds,
          metadata: { url: `https://www.youtube.com/watch?v=${key.videoId}`, title: `Item ${key.videoId}` },
        };
        return await staging.put(key, workFile, audio, signal);
      } finally {
        await staging.removeWorkDirectory(workDirectory);
      }
    },
  };
}

const config = loadConfig(process.env);
await runTestWorker(config, options.queues, {
  ...(await loadFactories(options.queues, config.azure !== undefined, config.staging.form)),
  createAudio: (_media, staging) => createWaitingAudio(staging),
});
