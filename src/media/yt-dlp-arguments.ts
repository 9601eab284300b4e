import type { EgressAddress } from '../config/egress-identities.ts';
import type { VideoKey } from '../domain/video-key.ts';

/** What of the configuration decides the arguments of yt-dlp. */
export interface YtDlpOptions {
  /** `YTDLP_EXTRA_ARGS`: they come last, so that they win. */
  readonly ytDlpExtraArgs: readonly string[];
}

/** Marks the lines that our own templates print, by their first character. */
export const LINE_MARKS = { progress: 'P', metadata: 'I', begin: 'B', file: 'F' } as const;

/** Names of the files in the work directory: fixed, as titles and ids never become part of an argument. */
const MEDIA_NAME = 'audio.%(ext)s';
const COVER_NAME = 'thumbnail:cover.%(ext)s';

/** The page of a YouTube video, rebuilt from its id. */
export function youtubeUrl(videoId: string): string {
  return `https://www.youtube.com/watch?v=${videoId}`;
}

/**
 * The extra arguments with the cookies of the identity before them. Its proxy is none of the arguments, which every
 * user of the machine can read, and it may hold a password: it is given to `spawnYtDlp`.
 */
export function argumentsOfIdentity(
  identity: EgressAddress | undefined,
  extraArguments: readonly string[],
): readonly string[] {
  return identity?.cookiesFile === undefined
    ? extraArguments
    : ['--cookies', identity.cookiesFile, ...extraArguments];
}

/**
 * A whole argument list: what every call has, the options of this call, those of the configuration, the address.
 * No configuration file, no plugin and no extractor but YouTube's own is ever used: the generic one would fetch
 * any address, this machine's included. `--js-runtimes` names this very Node, which yt-dlp needs for YouTube.
 */
export function ytDlpArguments(
  call: readonly string[],
  options: YtDlpOptions,
  url: string,
  nodePath = process.execPath,
): string[] {
  return [
    '--ignore-config',
    '--no-update',
    '--no-plugin-dirs',
    '--no-exec',
    '--use-extractors',
    'youtube,youtube:tab,youtube:playlist',
    '--no-js-runtimes',
    '--js-runtimes',
    `node:${nodePath}`,
    '--socket-timeout',
    '20',
    '--color',
    'never',
    ...call,
    ...options.ytDlpExtraArgs,
    '--',
    url,
  ];
}

/**
 * The call that fetches the audio of one video into the work directory. It prints one line of JSON for each of
 * LINE_MARKS. `--fixup never`: ffmpeg reads the file as it is, a second program run for it would be wasted.
 */
export function downloadArguments(
  key: VideoKey,
  directory: string,
  options: YtDlpOptions & { readonly maxSizeBytes: number; readonly withCover: boolean },
): string[] {
  const call = [
    '--no-playlist',
    '--format',
    'bestaudio/best',
    '--match-filters',
    '!is_live & live_status!=is_upcoming',
    '--max-filesize',
    String(options.maxSizeBytes),
    '--retries',
    '3',
    '--extractor-retries',
    '2',
    '--no-continue',
    '--no-mtime',
    '--fixup',
    'never',
    '--quiet',
    '--progress',
    '--newline',
    '--progress-delta',
    '0.5',
    '--progress-template',
    `download:${LINE_MARKS.progress}%(progress.{status,downloaded_bytes,total_bytes,total_bytes_estimate,speed})j`,
    '--print',
    `pre_process:${LINE_MARKS.metadata}%(.{id,title,duration,channel,uploader,channel_id,live_status,release_timestamp,timestamp,upload_date,thumbnail})j`,
    '--print',
    `before_dl:${LINE_MARKS.begin}%(.{ext,filesize,filesize_approx})j`,
    '--print',
    `after_move:${LINE_MARKS.file}%(filepath)j`,
    '--no-simulate',
    ...(options.withCover ? ['--write-thumbnail', '--output', COVER_NAME] : ['--no-write-thumbnail']),
    '--paths',
    directory,
    '--output',
    MEDIA_NAME,
  ];
  return ytDlpArguments(call, options, youtubeUrl(key.videoId));
}
