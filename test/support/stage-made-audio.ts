import path from 'node:path';
import type { VideoKey } from '../../src/domain/video-key.ts';
import type { AudioStaging } from '../../src/media/audio-pipeline.ts';
import { STAGED_MP3 } from './sample-audio.ts';

/** Audio that a test or a benchmark makes in place of downloading it. */
export interface MadeAudio {
  readonly sizeBytes: number;
  readonly durationSeconds: number;
  readonly title: string;
  readonly write: (file: string) => Promise<void>;
}

/** Puts it into the real staging as a download does: from a work directory, which is removed. */
export async function stageMadeAudio(
  staging: AudioStaging,
  key: VideoKey,
  { write, title, ...properties }: MadeAudio,
  signal: AbortSignal,
): ReturnType<AudioStaging['put']> {
  const workDirectory = await staging.createWorkDirectory();
  try {
    const workFile = path.join(workDirectory, 'converted.mp3.part');
    await write(workFile);
    const metadata = { url: `https://www.youtube.com/watch?v=${key.videoId}`, title };
    return await staging.put(key, workFile, { ...STAGED_MP3, ...properties, metadata }, signal);
  } finally {
    await staging.removeWorkDirectory(workDirectory);
  }
}
