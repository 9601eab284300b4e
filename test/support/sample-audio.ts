import type { VideoAudio } from '../../src/database/collections/video.ts';

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

/** What staging says of an MP3 that the test made in place of ffmpeg. */
export const STAGED_MP3 = {
  format: 'mp3',
  codec: 'mp3',
  bitrate: 320_000,
  sampleRate: 44_100,
  channels: 2,
  source: 'yt-dlp',
} as const;
