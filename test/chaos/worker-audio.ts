import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { AudioPipeline, AudioStaging } from '../../src/media/audio-pipeline.ts';

import { PermanentError, TransientError } from '../../src/domain/job-errors.ts';
import { writeNote } from './download-notes.ts';
import { fateOf, instantAudio } from './items.ts';

/** Hands over prepared small files at once, through the real staging; some items fail as their fate says. */
export function createInstantAudio(staging: AudioStaging): AudioPipeline {
  const failedBefore = new Set<string>();
  return {
    async produce(key) {
      const fate = fateOf(key.videoId);
      if (fate === 'private') throw new PermanentError('private', 'Private video');
      if (fate === 'flaky' && !failedBefore.has(key.videoId)) {
        failedBefore.add(key.videoId);
        throw new TransientError('network', 'Connection reset');
      }
      const { bytes, durationSeconds } = instantAudio(key.videoId);
      const workDirectory = await staging.createWorkDirectory();
      try {
        const workFile = path.join(workDirectory, 'converted.mp3.part');
        await writeFile(workFile, bytes);
        return await staging.put(key, workFile, {
          format: 'mp3',
          sizeBytes: bytes.byteLength,
          durationSeconds,
          codec: 'mp3',
          bitrate: 320_000,
          sampleRate: 44_100,
          channels: 2,
          source: 'yt-dlp',
          metadata: { url: `https://www.youtube.com/watch?v=${key.videoId}`, title: `Item ${key.videoId}` },
        });
      } finally {
        await staging.removeWorkDirectory(workDirectory);
      }
    },
  };
}

/** The same producer, which writes down when it begins and ends. */
export function noted(producer: AudioPipeline, notesFile: string): AudioPipeline {
  return {
    async produce(key, context) {
      writeNote(notesFile, { videoId: key.videoId, event: 'begun' });
      try {
        const staged = await producer.produce(key, context);
        writeNote(notesFile, { videoId: key.videoId, event: 'done' });
        return staged;
      } catch (error) {
        writeNote(notesFile, { videoId: key.videoId, event: 'failed' });
        throw error;
      }
    },
  };
}
