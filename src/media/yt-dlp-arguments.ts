import type { EgressAddress } from '../domain/egress-address.ts';
import type { VideoKey } from '../domain/video-key.ts';

export interface YtDlpOptions {
  /** From `YTDLP_PLUGIN_DIR`, `EGRESS` and `YTDLP_EXTRA_ARGS`; they come last and so override the others. */
  readonly ytDlpExtraArgs: readonly string[];
}

/** The first character of each line that our templates print. */
export const LINE_MARKS = { progress: 'P', metadata: 'I', details: 'D', begin: 'B', file: 'F' } as const;

/** The file names in the work directory are fixed: titles and ids never become part of an argument. */
const MEDIA_NAME = 'audio.%(ext)s';
const COVER_NAME = 'thumbnail:cover.%(ext)s';

export function youtubeUrl(videoId: string): string {
  return `https://www.youtube.com/watch?v=${videoId}`;
}

/**
 * The extra arguments, preceded by the cookies of the egress address. The proxy is passed to `spawnYtDlp` instead, as the
 * only one, whatever the environment says.
 */
export function egressArguments(
  address: EgressAddress | undefined,
  extraArguments: readonly string[],
): readonly string[] {
  return address?.cookiesFile === undefined
    ? extraArguments
    : ['--cookies', address.cookiesFile, ...extraArguments];
}

/**
 * A complete list for the configuration of yt-dlp: the arguments of every call, of this call and of the settings, then the
 * address, which begins with `https://` and so is no option.
 * No configuration file, no plugin but those that the configuration allows, and no extractor but YouTube's own is used: the
 * generic extractor would fetch any address, this machine's included. `--js-runtimes` names the running Node, because
 * yt-dlp needs one for YouTube.
 */
export function ytDlpArguments(
  call: readonly string[],
  options: YtDlpOptions,
  url: string,
  nodePath = process.execPath,
): string[] {
  return [
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
    url,
  ];
}

/**
 * Broadcasts that run, are announced, or whose recording is still processed (`post_live`: only its last hours can be
 * fetched) are not downloaded. `?`: also when the site says nothing of it.
 */
const FINISHED = '!is_live & live_status!=?is_upcoming & live_status!=?post_live';

const METADATA = [
  '--print',
  `pre_process:${LINE_MARKS.metadata}%(.{id,title,duration,channel,uploader,channel_id,live_status,release_timestamp,timestamp,upload_date,thumbnail})j`,
];
/** On a line of its own: one that is too long to be read takes nothing else with it. */
const DETAILS = ['--print', `pre_process:${LINE_MARKS.details}%(.{description,license,tags})j`];

/**
 * The wanted language if there is one, else the order of `--format-sort lang`: the original, what the site plays by
 * default, dubs, descriptions for the blind. Without it yt-dlp puts the quality of YouTube's formats before the language
 * (`_format_sort_fields` in _video.py), and a dub of higher quality would win.
 */
function formatOf(language: string | undefined): string {
  if (language === undefined) return 'bestaudio/best';
  const wanted = [`[language=${language}]`, `[language^=${language}-][language!$=-desc]`];
  return [
    ...wanted.map((filter) => `bestaudio${filter}`),
    ...wanted.map((filter) => `best${filter}`),
    'bestaudio/best',
  ].join('/');
}

/** Prints the metadata of a video without formats, for which a download only says that there are none. */
export function metadataArguments(key: VideoKey, options: YtDlpOptions): string[] {
  const call = ['--no-playlist', '--ignore-no-formats-error', '--simulate', '--quiet', ...METADATA];
  return ytDlpArguments(call, options, youtubeUrl(key.videoId));
}

/**
 * Downloads the audio of one video into the directory, and prints a line of JSON for each of LINE_MARKS.
 * `--fixup never`: ffmpeg can read the file as it is, so another run of ffmpeg would be wasted.
 */
export function downloadArguments(
  key: VideoKey,
  directory: string,
  options: YtDlpOptions & {
    readonly maxSizeBytes: number;
    readonly maxDurationSeconds: number;
    readonly withCover: boolean;
    /** Left out: the original. */
    readonly language?: string;
  },
): string[] {
  const call = [
    '--no-playlist',
    '--format',
    formatOf(options.language),
    '--format-sort',
    'lang',
    '--match-filters',
    `${FINISHED} & duration<=?${String(options.maxDurationSeconds)}`,
    '--max-filesize',
    String(options.maxSizeBytes),
    '--retries',
    '3',
    '--extractor-retries',
    '2',
    '--no-continue',
    // A second try in the same directory would take the file of the first for its own.
    '--force-overwrites',
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
    ...METADATA,
    ...DETAILS,
    '--print',
    `before_dl:${LINE_MARKS.begin}%(.{format_id,language,language_preference,filesize_approx,tbr})j`,
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
