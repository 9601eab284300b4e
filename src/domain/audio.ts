/** The downloaders of YouTube's audio, by their names in AUDIO_PROVIDERS, in records and in the metadata of objects. */
export const YOUTUBE_DOWNLOADERS = ['yt-dlp', 'savetube'] as const;
export type YoutubeDownloaderName = (typeof YOUTUBE_DOWNLOADERS)[number];

/** Every downloader: those of YouTube, and `http` for the episodes of podcasts. */
export const DOWNLOADERS = [...YOUTUBE_DOWNLOADERS, 'http'] as const;
export type DownloaderName = (typeof DOWNLOADERS)[number];

export const AUDIO_PROFILES = ['mp3-320', 'original'] as const;
/** What is kept of the audio: MP3 at 320 kbps, or the source's own encoding. */
export type AudioProfile = (typeof AUDIO_PROFILES)[number];
