import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { AudioPipeline, AudioStaging } from '../../src/media/audio-pipeline.ts';
import { PermanentError, TransientError } from '../../src/domain/job-errors.ts';
import { STAGED_MP3 } from '../support/sample-audio.ts';
import { writeNote } from './download-notes.ts';
import { expectedOutcomeOf, instantAudio } from './items.ts';

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
