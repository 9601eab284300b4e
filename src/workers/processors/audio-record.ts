import type { VideoAudio } from '../../database/documents.ts';
import type { StagedAudio } from '../../media/audio-downloader.ts';

/** What the record keeps of a staged file. */
export function audioRecord(staged: StagedAudio): VideoAudio {
  return {
    size: staged.sizeBytes,
    duration: staged.durationSeconds,
    codec: staged.codec,
    bitrate: staged.bitrate,
    sample_rate: staged.sampleRate,
    channels: staged.channels,
    format: staged.format,
    source: staged.source,
  };
}
