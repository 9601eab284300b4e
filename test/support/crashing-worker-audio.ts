import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { AudioPipeline } from '../../src/media/audio-pipeline.ts';
import type { Staging } from '../../src/staging/staging.ts';
import { PermanentError, TransientError } from '../../src/domain/job-errors.ts';
import type { CrashPlan } from './crashing-worker-plan.ts';
import { die } from './dying-at-calls.ts';

/** One line for each time the audio of a video was begun, over all processes that share the file. */
export function beginnings(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}

/** Makes staged files at once, through the real staging, and misbehaves as the plan says. */
export function createInstantAudio(plan: CrashPlan['audio'], staging: Staging, file: string): AudioPipeline {
  return {
    async produce(key, context) {
      const earlier = beginnings(file);
      appendFileSync(file, `${key.videoId}\n`);
      if (key.videoId === plan.deadlyVideoId) await die();
      if (earlier.length < plan.failures.calls) {
        if (plan.failures.outcome === 'permanent') throw new PermanentError('private', 'Private video');
        throw new TransientError('network', 'Connection reset');
      }
      const workDirectory = await staging.createWorkDirectory();
      try {
        const workFile = path.join(workDirectory, 'converted.mp3.part');
        await writeFile(workFile, Buffer.alloc(plan.sizeBytes, key.videoId));
        if (earlier.length === 0 && plan.blocksMs > 0) block(plan.blocksMs);
        await delay(plan.takesMs, undefined, plan.isDeaf ? {} : { signal: context.signal });
        return await staging.put(key, workFile, {
          format: 'mp3',
          sizeBytes: plan.sizeBytes,
          durationSeconds: 1,
          codec: 'mp3',
          bitrate: 320_000,
          sampleRate: 44_100,
          channels: 2,
          source: 'yt-dlp',
          metadata: { url: `https://www.youtube.com/watch?v=${key.videoId}`, title: 'A title' },
        });
      } finally {
        await staging.removeWorkDirectory(workDirectory);
      }
    },
  };
}

/** Keeps the event loop from turning: no timer fires, no lock is renewed. */
function block(forMs: number): void {
  const endsAt = Date.now() + forMs;
  while (Date.now() < endsAt) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
}
