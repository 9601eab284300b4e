/**
 * A worker process whose downloads wait as for a network and then put a small prepared MP3 into the real staging; everything else is
 * as in production.
 *
 *   node bench/support/stub-worker.ts '{"queues":["download","upload"],"waits":10,"leastMs":50,"mostMs":200}'
 */
import { createHash } from 'node:crypto';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { loadConfig } from '../../src/config/load.ts';
import { QUEUE_NAMES } from '../../src/domain/queues.ts';
import type { AudioPipeline, AudioStaging } from '../../src/media/audio-pipeline.ts';
import { loadFactories } from '../../src/workers/worker-factories.ts';
import { stageInstantAudio } from '../../test/chaos/worker-audio.ts';
import { runTestWorker } from '../../test/support/run-test-worker.ts';

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
      return await stageInstantAudio(staging, key, signal);
    },
  };
}

const config = loadConfig(process.env);
await runTestWorker(config, options.queues, {
  ...(await loadFactories(options.queues, config.azure !== undefined, config.staging.form)),
  createAudio: (_media, staging) => createWaitingAudio(staging),
});
