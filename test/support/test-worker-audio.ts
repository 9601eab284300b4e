import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { AudioPipeline } from '../../src/media/audio-pipeline.ts';
import type { Staging } from '../../src/staging/staging.ts';
import { PermanentError, TransientError } from '../../src/domain/job-errors.ts';
import { killProcess } from './kill-points.ts';
import { STAGED_MP3 } from './sample-audio.ts';
import type { AudioPlan } from './test-worker-plan.ts';

/** The video id of each time that audio was started, over all processes that share the notes file. */
export function readAudioNotes(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}

/** Puts small files into the real staging at once, and fails, blocks or kills as the plan says. */
export function createPlannedAudio(plan: AudioPlan, staging: Staging, notesFile: string): AudioPipeline {
  return {
    async produce(key, context) {
      const earlier = readAudioNotes(notesFile);
      appendFileSync(notesFile, `${key.videoId}\n`);
      if (key.videoId === plan.killAtVideoId) await killProcess();
      if (earlier.length < plan.failures.calls) {
        if (plan.failures.outcome === 'permanent') throw new PermanentError('private', 'Private video');
        throw new TransientError('network', 'Connection reset');
      }
      const workDirectory = await staging.createWorkDirectory();
      try {
        const workFile = path.join(workDirectory, 'converted.mp3.part');
        await writeFile(workFile, Buffer.alloc(plan.sizeBytes, key.videoId));
        if (earlier.length === 0 && plan.blockEventLoopMs > 0) blockEventLoop(plan.blockEventLoopMs);
        await delay(plan.takesMs, undefined, plan.ignoresAbort ? {} : { signal: context.signal });
        const audio = {
          ...STAGED_MP3,
          sizeBytes: plan.sizeBytes,
          durationSeconds: 1,
          metadata: { url: `https://www.youtube.com/watch?v=${key.videoId}`, title: 'A title' },
        };
        const signal = plan.ignoresAbort ? new AbortController().signal : context.signal;
        return await staging.put(key, workFile, audio, signal);
      } finally {
        await staging.removeWorkDirectory(workDirectory);
      }
    },
  };
}

/** No timer fires and no lock is renewed meanwhile. */
function blockEventLoop(forMs: number): void {
  const endsAt = Date.now() + forMs;
  while (Date.now() < endsAt) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
}
