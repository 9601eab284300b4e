import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { StagedAudio } from '../../src/media/audio-downloader.ts';
import type { Staging } from '../../src/staging/staging.ts';
import type { VideoKey } from '../../src/domain/video-key.ts';
import { STAGED_MP3 } from './sample-audio.ts';

/** Puts files of one size into the real staging, instead of downloads. */
export interface StagingProducer {
  produce(key: VideoKey): Promise<StagedAudio>;
  /** How many calls of `produce` have not finished. */
  running(): number;
  /** No call of `produce` finishes before this is called. */
  release(): void;
}

/** The files have this size and state this duration. */
export function stagingProducer(
  staging: Staging,
  { sizeBytes, seconds }: { readonly sizeBytes: number; readonly seconds: number },
): StagingProducer {
  let running = 0;
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  return {
    running: () => running,
    release: () => {
      release();
    },
    produce: async (key) => {
      running += 1;
      const work = await staging.createWorkDirectory();
      try {
        const file = path.join(work, 'audio.mp3');
        await writeFile(file, Buffer.alloc(sizeBytes));
        await released;
        const audio = {
          ...STAGED_MP3,
          sizeBytes,
          durationSeconds: seconds,
          metadata: { url: `https://www.youtube.com/watch?v=${key.videoId}` },
        };
        return await staging.put(key, file, audio, new AbortController().signal);
      } finally {
        running -= 1;
        await staging.removeWorkDirectory(work);
      }
    },
  };
}
