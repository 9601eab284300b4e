import { z } from 'zod';
import { AUDIO_PROFILES, YOUTUBE_DOWNLOADERS } from '../../domain/audio.ts';
import { setting } from './setting.ts';
import { count, date, flag, regularExpression, seconds, shellWords, webUrl } from './value-types.ts';

export const playlistSettings = {
  PLAYLIST_FILE: setting(z.string().default('playlist.txt'), {
    description: 'The file that names the playlists, channels and videos, one a line.',
  }),
  PLAYLIST_INTERVAL_HOURS: setting(z.coerce.number().positive().default(24), {
    description: 'How often each playlist is listed again to find new videos.',
  }),
  YOUTUBE_API_KEY: setting(z.string().optional(), {
    secret: true,
    description:
      'A key of the YouTube Data API, through which playlists are then listed. Without it, and when its quota is used up, yt-dlp lists them.',
  }),
  YOUTUBE_API_URL: setting(webUrl.default('https://www.googleapis.com/youtube/v3'), {
    description: 'The URL of the YouTube Data API.',
  }),

  FILTER_MIN_DURATION_SECONDS: setting(z.coerce.number().min(0).optional(), {
    description: 'Shorter videos are skipped. Filtered videos are recorded as skipped, with the reason.',
  }),
  FILTER_MAX_DURATION_SECONDS: setting(z.coerce.number().positive().optional(), {
    description: 'Longer videos are skipped.',
  }),
  FILTER_TITLE_INCLUDE: setting(regularExpression.optional(), {
    description: 'A regular expression, case-insensitive: videos whose title does not match are skipped.',
  }),
  FILTER_TITLE_EXCLUDE: setting(regularExpression.optional(), {
    description: 'A regular expression, case-insensitive: videos whose title matches are skipped.',
  }),
  FILTER_PUBLISHED_AFTER: setting(date.optional(), {
    description: 'A date: videos published before it are skipped.',
    example: '2026-01-31',
  }),
  FILTER_LIVE: setting(flag(true), {
    description:
      'Whether recordings of live broadcasts are archived. Broadcasts that are running or announced always wait until they are over.',
  }),
  FILTER_SHORTS: setting(flag(true), { description: 'Whether shorts are archived.' }),
  FILTER_NEWEST: setting(z.coerce.number().int().positive().optional(), {
    description: 'Only the first N entries of each playlist are archived; channels list their newest first.',
  }),
};

export const downloadSettings = {
  STAGING: setting(z.enum(['directory', 's3']).default('directory'), {
    description:
      'Where finished audio waits for its upload: directory, which is STAGING_DIR, and download and upload workers must share it; or s3, the bucket below staging/, and they may run on any hosts.',
  }),
  STAGING_DIR: setting(z.string().default('.sonotheque/staging'), {
    description:
      'The directory of running downloads, and with STAGING=directory of finished audio that waits for its upload.',
  }),
  STAGING_MAX_BYTES: setting(count(20 * 1024 ** 3), {
    description:
      'Staging is full at this size, counted over all hosts that share it (20 GiB by default). Downloads then pause until uploads have emptied it.',
  }),
  STAGING_MAX_FILES: setting(count(2_000), { description: 'Staging is full at this number of files.' }),
  STAGING_MIN_FREE_BYTES: setting(count(512 * 1024 ** 2, 0), {
    description: 'Downloads pause when the disk would have less free space than this (512 MiB by default).',
  }),
  AUDIO_PROFILE: setting(z.enum(AUDIO_PROFILES).default('mp3-320'), {
    description:
      "mp3-320, or original, which keeps the source's own encoding (faster, about 40 % of the size).",
  }),
  AUDIO_LANGUAGE: setting(
    z
      .string()
      .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$/, 'is not a language such as fr or pt-BR')
      .optional(),
    {
      description:
        'Of videos with several audio tracks the original is archived. With a language (fr, pt-BR) its track is preferred where there is one.',
      example: 'fr',
    },
  ),
  AUDIO_PROVIDERS: setting(
    z
      .string()
      .default('yt-dlp')
      .transform((text) => text.split(',').map((name) => name.trim()))
      .pipe(z.array(z.enum(YOUTUBE_DOWNLOADERS)).min(1)),
    {
      description:
        'The downloaders, in the order in which they are tried: yt-dlp, or savetube,yt-dlp. SaveTube is a third-party service; read its terms.',
    },
  ),
  YTDLP_PATH: setting(z.string().default('yt-dlp'), { description: 'The yt-dlp program.' }),
  YTDLP_RESIDENT: setting(flag(true), {
    description:
      'Whether a process that has loaded yt-dlp is kept (50 MB), from which each run is forked; saves most of the CPU time of yt-dlp. For a yt-dlp of pip on Linux; others are started anew each time.',
  }),
  YTDLP_EXTRA_ARGS: setting(shellWords.default([]), {
    // It may hold the password of a proxy or of an account.
    secret: true,
    description: 'Arguments added to every call of yt-dlp, quoted as for a shell.',
    example: '--cookies cookies.txt --proxy socks5://127.0.0.1:1080',
  }),
  YTDLP_PLUGIN_DIR: setting(z.string().optional(), {
    description:
      'A directory with plugins of yt-dlp, such as PO token providers: each in a subdirectory of its own. They are programs: only you should be able to write there. Without it no plugin is loaded.',
    example: '/opt/yt-dlp-plugins',
  }),
  FFMPEG_PATH: setting(z.string().default('ffmpeg'), { description: 'The ffmpeg program.' }),
  FFPROBE_PATH: setting(z.string().default('ffprobe'), { description: 'The ffprobe program.' }),
  MAX_SIZE_BYTES: setting(count(2 * 1024 ** 3), {
    description: 'Larger downloads are refused (2 GiB by default).',
  }),
  MAX_DURATION_SECONDS: setting(seconds(24 * 3600), {
    description: 'Longer audio is refused (24 hours by default).',
  }),
  MAX_OUTPUT_BYTES: setting(count(4 * 1024 ** 3), {
    description:
      'Audio that is larger after its conversion is refused (4 GiB by default; an hour at 320 kbps has 144 MB).',
  }),
  DOWNLOAD_STALL_SECONDS: setting(seconds(90), {
    description: 'A download or conversion is ended when it made no progress for this long.',
  }),
  DOWNLOAD_DEADLINE_SECONDS: setting(seconds(3 * 3600), {
    description: 'A download or conversion is ended when it takes longer than this in all.',
  }),
  SAVETUBE_API_URL: setting(webUrl.default('https://media.savetube.vip/api'), {
    description: 'The URL of the SaveTube API.',
  }),
  SAVETUBE_CDN_SCHEME: setting(z.enum(['http', 'https']).default('https'), {
    description: 'Whether the servers that SaveTube names are reached by http or https.',
  }),
  SAVETUBE_KEY: setting(
    z
      .string()
      .regex(/^[0-9a-fA-F]{32}$/, 'is not a key of 32 hexadecimal digits')
      .optional(),
    {
      secret: true,
      description: 'The key with which SaveTube encrypts its responses: 32 hexadecimal digits.',
    },
  ),
};
