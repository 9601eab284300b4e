import { writeFile } from 'node:fs/promises';
import type { VideoKey } from '../../src/domain/video-key.ts';
import type { AudioPipeline, AudioStaging } from '../../src/media/audio-pipeline.ts';
import { PermanentError, TransientError } from '../../src/domain/job-errors.ts';
import { stageMadeAudio } from '../support/stage-made-audio.ts';
import { writeNote } from './download-notes.ts';
import { expectedOutcomeOf, instantAudio } from './items.ts';

/** Puts the prepared small file of an item into the real staging. */
export function stageInstantAudio(
  staging: AudioStaging,
  key: VideoKey,
  signal: AbortSignal,
): ReturnType<AudioStaging['put']> {
  const { bytes, durationSeconds } = instantAudio(key.videoId);
  const made = {
    ...{ sizeBytes: bytes.byteLength, durationSeconds, title: `Item ${key.videoId}` },
    write: (file: string) => writeFile(file, bytes),
  };
  return stageMadeAudio(staging, key, made, signal);
}

/** Puts prepared small files into the real staging at once; some items fail as `expectedOutcomeOf` says. */
export function createItemAudio(staging: AudioStaging): AudioPipeline {
  const failedBefore = new Set<string>();
  return {
    async produce(key, { signal }) {
      const outcome = expectedOutcomeOf(key.videoId);
      if (outcome === 'private') throw new PermanentError('private', 'Private video');
      if (outcome === 'flaky' && !failedBefore.has(key.videoId)) {
        failedBefore.add(key.videoId);
        throw new TransientError('network', 'Connection reset');
      }
      return await stageInstantAudio(staging, key, signal);
    },
  };
}

/** The same pipeline, which notes when a download starts and ends. */
export function withNotes(pipeline: AudioPipeline, notesFile: string): AudioPipeline {
  return {
    async produce(key, context) {
      writeNote(notesFile, { videoId: key.videoId, event: 'started' });
      try {
        const staged = await pipeline.produce(key, context);
        writeNote(notesFile, { videoId: key.videoId, event: 'done' });
        return staged;
      } catch (error) {
        writeNote(notesFile, { videoId: key.videoId, event: 'failed' });
        throw error;
      }
    },
  };
}
