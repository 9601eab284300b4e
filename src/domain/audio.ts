/** The downloaders for YouTube, by their names in AUDIO_PROVIDERS, in MongoDB and in the metadata of objects. */
export const YOUTUBE_DOWNLOADERS = ['yt-dlp', 'savetube'] as const;

/** All downloaders: those for YouTube, and `http` for podcast episodes. */
export const DOWNLOADERS = [...YOUTUBE_DOWNLOADERS, 'http'] as const;
export type DownloaderName = (typeof DOWNLOADERS)[number];

export const AUDIO_PROFILES = ['mp3-320', 'original'] as const;
/** The encoding of stored audio: MP3 at 320 kbps, or the encoding of the source. */
export type AudioProfile = (typeof AUDIO_PROFILES)[number];

/** What is known of an audio file; all of it for a staged file, less for an object of an earlier version. */
export interface AudioProperties {
  readonly durationSeconds?: number;
  readonly codec?: string;
  /** Bits per second. */
  readonly bitrate?: number;
  /** Hertz. */
  readonly sampleRate?: number;
  readonly channels?: number;
  readonly source?: DownloaderName;
}
