import type { AudioProperties } from '../domain/audio.ts';
import { definedFields } from '../domain/defined-fields.ts';
import type { VideoAudio } from './collections/video.ts';

/** The fields of a video's record that describe its audio; the caller adds where it is stored. */
export function toVideoAudio(
  audio: AudioProperties & { readonly format: string; readonly sizeBytes: number },
): VideoAudio {
  return {
    format: audio.format,
    size: audio.sizeBytes,
    ...definedFields({
      duration: audio.durationSeconds,
      codec: audio.codec,
      bitrate: audio.bitrate,
      sample_rate: audio.sampleRate,
      channels: audio.channels,
      source: audio.source,
    }),
  };
}
