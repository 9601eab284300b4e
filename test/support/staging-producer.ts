import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { StagedAudio } from '../../src/media/audio-downloader.ts';
import { createStaging } from '../../src/staging/staging.ts';
import type { VideoKey } from '../../src/domain/video-key.ts';

/** Puts files of one size into the real staging directory, as downloads do, without downloading. */
export interface StagingProducer {
  produce(key: VideoKey): Promise<StagedAudio>;
  /** How many are at it. */
  running(): number;
  /** Until this is called none comes to its end. */
  letGo(): void;
}

/** Makes a producer whose files have this size and say that they last so long. */
export function stagingProducer(
  directory: string,
  { sizeBytes, seconds }: { readonly sizeBytes: number; readonly seconds: number },
): StagingProducer {
  const staging = createStaging(directory);
  let running = 0;
  let letGo: () => void = () => undefined;
  const gone = new Promise<void>((resolve) => (letGo = resolve));
  return {
    running: () => running,
    letGo: () => {
      letGo();
    },
    produce: async (key) => {
      running += 1;
      const work = await staging.createWorkDirectory();
      try {
        const file = path.join(work, 'audio.mp3');
        await writeFile(file, Buffer.alloc(sizeBytes));
        await gone;
        return await staging.put(key, file, {
          ...{ format: 'mp3', codec: 'mp3', source: 'yt-dlp', sizeBytes, durationSeconds: seconds },
          ...{ bitrate: 320_000, sampleRate: 44_100, channels: 2 },
          metadata: { url: `https://www.youtube.com/watch?v=${key.videoId}` },
        });
      } finally {
        running -= 1;
        await staging.removeWorkDirectory(work);
      }
    },
  };
}
