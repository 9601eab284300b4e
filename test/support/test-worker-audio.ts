import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { AudioPipeline } from '../../src/media/audio-pipeline.ts';
import type { Staging } from '../../src/staging/staging.ts';
import { PermanentError, TransientError } from '../../src/domain/job-errors.ts';
import { killProcess } from './kill-points.ts';
import { stageMadeAudio } from './stage-made-audio.ts';
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
      const made = {
        ...{ sizeBytes: plan.sizeBytes, durationSeconds: 1, title: 'A title' },
        write: async (file: string) => {
          await writeFile(file, Buffer.alloc(plan.sizeBytes, key.videoId));
          if (earlier.length === 0 && plan.blockEventLoopMs > 0) blockEventLoop(plan.blockEventLoopMs);
          await delay(plan.takesMs, undefined, plan.ignoresAbort ? {} : { signal: context.signal });
        },
      };
      const signal = plan.ignoresAbort ? new AbortController().signal : context.signal;
      return await stageMadeAudio(staging, key, made, signal);
    },
  };
}

/** No timer fires and no lock is renewed meanwhile. */
function blockEventLoop(forMs: number): void {
  const endsAt = Date.now() + forMs;
  while (Date.now() < endsAt) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
}
