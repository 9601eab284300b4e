/** The downloaders for YouTube, by their names in AUDIO_PROVIDERS, in MongoDB and in the metadata of objects. */
export const YOUTUBE_DOWNLOADERS = ['yt-dlp', 'savetube'] as const;

/** All downloaders: those for YouTube, `http` for podcast episodes, and `file` for the import of files. */
export const DOWNLOADERS = [...YOUTUBE_DOWNLOADERS, 'http', 'file'] as const;
export type DownloaderName = (typeof DOWNLOADERS)[number];

export const AUDIO_PROFILES = ['mp3-320', 'original'] as const;
/** The encoding of stored audio: MP3 at 320 kbps, or the encoding of the source. */
export type AudioProfile = (typeof AUDIO_PROFILES)[number];

/**
 * Which of several tracks of a video was archived: what its author recorded, what the site plays by default (where no track
 * is marked as the original), a dub, or a description for the blind.
 */
export const TRACK_KINDS = ['original', 'default', 'dubbed', 'descriptive'] as const;
export type TrackKind = (typeof TRACK_KINDS)[number];

/** What the site said of the track that was chosen; all of it may be unknown. */
export interface AudioTrack {
  /** IETF language tag: `en`, `pt-BR`. */
  readonly language?: string;
  readonly trackKind?: TrackKind;
  /** The site's own number of the format, as yt-dlp shows it: `251`, `140-drc`. */
  readonly sourceFormat?: string;
}

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
