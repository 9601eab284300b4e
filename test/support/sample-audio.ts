import type { VideoAudio } from '../../src/database/documents.ts';

/** What the record says of a downloaded MP3, for tests to which its content does not matter. */
export const SAMPLE_AUDIO: VideoAudio = {
  size: 1,
  duration: 1,
  codec: 'mp3',
  bitrate: 320_000,
  sample_rate: 44_100,
  channels: 2,
  format: 'mp3',
  source: 'yt-dlp',
};
