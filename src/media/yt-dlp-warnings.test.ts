import { describe, expect, test } from '@jest/globals';
import { LaterError } from '../domain/job-errors.ts';
import { classifyYtDlpFailure, isUnavailableWithoutReason } from './yt-dlp-errors.ts';

/** Texts of yt-dlp 2026.10 (extractor/youtube, YoutubeDL.py, utils/_utils.py). */
const ID = 'dQw4w9WgXcQ';
const HINT =
  'Use --cookies-from-browser or --cookies for the authentication. See  https://github.com/yt-dlp/yt-dlp/wiki/FAQ#how-do-i-pass-cookies-to-yt-dlp  for how to manually pass cookies';
const REPORT =
  '; please report this issue on  https://github.com/yt-dlp/yt-dlp/issues?q= , filling out the appropriate issue template. Confirm you are on the latest version using  yt-dlp -U';

/** Errors that give their reason themselves: no warning changes their class but for the exceptions below. */
const WITH_REASON = [
  [
    `ERROR: [youtube] ${ID}: Private video. Sign in if you've been granted access to this video. ${HINT}`,
    'private',
  ],
  [`ERROR: [youtube] ${ID}: Video unavailable. This video has been removed by the uploader`, 'removed'],
  [
    `ERROR: [youtube] ${ID}: Video unavailable. This video is no longer available because the YouTube account associated with this video has been terminated.`,
    'removed',
  ],
  [`ERROR: [youtube] ${ID}: This video requires payment to watch`, 'payment_required'],
  [
    `ERROR: [youtube] ${ID}: Sign in to confirm your age. This video may be inappropriate for some users. ${HINT}`,
    'age_restricted',
  ],
  [
    `ERROR: [youtube] ${ID}: Video unavailable. The uploader has not made this video available in your country\nYou might want to use a VPN or a proxy server (with --proxy) to workaround.`,
    'geo_blocked',
  ],
  [`ERROR: [youtube] ${ID}: Premieres in 5 hours`, 'premiere'],
  [`ERROR: [youtube] ${ID}: This live event has ended.`, 'recording_pending'],
  [`ERROR: [youtube] ${ID}: We're processing this video. Check back later.`, 'recording_pending'],
  [`ERROR: [youtube] ${ID}: Sign in to confirm you’re not a bot. ${HINT}`, 'bot_check'],
  ['ERROR: unable to download video data: HTTP Error 429: Too Many Requests', 'rate_limited'],
  ['ERROR: unable to download video data: HTTP Error 503: Service Unavailable', 'server_error'],
  ['ERROR: \r[download] Got error: timed out. Giving up after 3 retries', 'timeout'],
  ['ERROR: unable to write data: [Errno 28] No space left on device', 'disk_full'],
  [
    'ERROR: Postprocessing: ffprobe and ffmpeg not found. Please install or provide the path using --ffmpeg-location',
    'tool_missing',
  ],
  [
    "ERROR: [youtube:tab] @x: YouTube said: This account has been terminated for a violation of YouTube's Terms of Service.",
    'playlist_missing',
  ],
  [
    'ERROR: [youtube:tab] UCx: YouTube said: This channel was removed because it violated our Community Guidelines.',
    'playlist_missing',
  ],
  ['ERROR: [youtube:tab] PLx: YouTube said: The playlist does not exist.', 'playlist_missing'],
  ['ERROR: [youtube:tab] X: The channel is not currently live', 'live'],
] as const;

/** Errors that may be a consequence of what a warning reports. */
const FORBIDDEN = 'ERROR: unable to download video data: HTTP Error 403: Forbidden';
const NO_FORMATS = `ERROR: [youtube] ${ID}: No video formats found!${REPORT}`;
const NO_AUDIO = `ERROR: [youtube] ${ID}: Requested format is not available. Use --list-formats for a list of available formats`;
const UNAVAILABLE = `ERROR: [youtube] ${ID}: This video is not available`;
const RELOAD = `ERROR: [youtube] ${ID}: The page needs to be reloaded.`;
const NO_PLAYER = `ERROR: [youtube] ${ID}: Failed to extract any player response${REPORT}`;
const DRM = `ERROR: [youtube] ${ID}: This video is DRM protected`;
const SIGN_IN = `ERROR: [youtube] ${ID}: Please sign in. ${HINT}`;

const WARNING = {
  drm: `WARNING: [youtube] ${ID}: Some web client https formats have been skipped as they are DRM protected. `,
  drmExperiment: `WARNING: [youtube] ${ID}: Some tv client https formats have been skipped as they are DRM protected. The current session may have an experiment that applies DRM to all videos on the tv client. See  https://github.com/yt-dlp/yt-dlp/issues/12563  for more details.`,
  onlyProtected:
    'WARNING: This video is drm protected and only images are available for download. use --list-formats to see them',
  onlyImages: 'WARNING: Only images are available for download. use --list-formats to see them',
  runtime:
    'WARNING: [youtube] No supported JavaScript runtime could be found. Only deno is enabled by default; to use another runtime add  --js-runtimes RUNTIME[:PATH]  to your command/config.',
  challenge: `WARNING: [youtube] ${ID}: n challenge solving failed: Some formats may be missing. Ensure you have a supported JavaScript runtime`,
  sabr: `WARNING: [youtube] ${ID}: Some tv client https formats have been skipped as they are missing a URL. YouTube may have enabled the SABR-only streaming experiment for the current session. See  https://github.com/yt-dlp/yt-dlp/issues/12482  for more details`,
  token: `WARNING: [youtube] ${ID}: ios client https formats require a GVS PO Token which was not provided. They will be skipped as they may yield HTTP Error 403. You can manually pass a GVS PO Token for this client`,
  damaged: `WARNING: [youtube] ${ID}: Some web client https formats are possibly damaged. They will be deprioritized`,
  ffmpeg:
    'WARNING: ffmpeg not found. The downloaded format may not be the best available. Installing ffmpeg is strongly recommended: https://github.com/yt-dlp/yt-dlp#dependencies',
  cover: 'WARNING: [youtube] Unable to download video thumbnail 38: HTTP Error 429: Too Many Requests',
  outdated:
    'WARNING: Your yt-dlp version (2026.01.01) is older than 90 days!\n         It is strongly recommended to always use the latest version.',
  title:
    'WARNING: [youtube] No title found in player responses; falling back to title from initial data. Other metadata may also be missing',
  incomplete: 'WARNING: [youtube] Incomplete data received in embedded initial data; re-fetching using API.',
  limited:
    'WARNING: [youtube] Unable to download webpage: HTTP Error 429: Too Many Requests (caused by <HTTPError 429: Too Many Requests>)',
  refused: `WARNING: [youtube] ${ID}: Unable to download API page: HTTP Error 403: Forbidden (caused by <HTTPError 403: Forbidden>)`,
  broken: 'WARNING: [youtube] HTTP Error 503: Service Unavailable. Retrying (1/2)...',
  slow: 'WARNING: [youtube] The read operation timed out. Retrying (1/2)...',
  cookies:
    'WARNING: [youtube] The provided YouTube account cookies are no longer valid. They have likely been rotated in the browser as a security measure. For tips on how to effectively export YouTube cookies, refer to  https://github.com/yt-dlp/yt-dlp/wiki/Extractors#exporting-youtube-cookies .',
} as const;

const classOf = (...texts: string[]) =>
  classifyYtDlpFailure(
    texts.flatMap((text) => text.split('\n')),
    1,
  ).errorClass;

const LOSES_ACCOUNT = new Set([
  'private',
  'payment_required',
  'age_restricted',
  'bot_check',
  'playlist_missing',
]);

describe('an error of yt-dlp that gives its reason', () => {
  test.each(WITH_REASON)('%s → %s, alone and after each warning', (error, errorClass) => {
    expect(classOf(error)).toBe(errorClass);
    for (const [name, warning] of Object.entries(WARNING)) {
      const isAccount = name === 'cookies' && LOSES_ACCOUNT.has(errorClass);
      expect([name, classOf(warning, error)]).toEqual([name, isAccount ? 'cookies_unusable' : errorClass]);
      // An order that Node's streams may give.
      expect([name, classOf(error, warning)]).toEqual([name, isAccount ? 'cookies_unusable' : errorClass]);
    }
  });
});

describe('an error of yt-dlp that may be the consequence of a warning', () => {
  const unusable = ['runtime', 'challenge', 'sabr', 'token', 'drmExperiment'] as const;
  test.each([
    ['HTTP 403 of the media', FORBIDDEN, 'extraction', { limited: 'rate_limited' }],
    ['no formats', NO_FORMATS, 'extraction', { limited: 'rate_limited' }],
    ['a page to reload', RELOAD, 'extraction', { limited: 'rate_limited' }],
    [
      'no audio format',
      NO_AUDIO,
      'no_audio',
      { limited: 'rate_limited', onlyProtected: 'drm', onlyImages: 'extraction' },
    ],
    [
      'no reason',
      UNAVAILABLE,
      'removed',
      { limited: 'rate_limited', onlyProtected: 'drm', onlyImages: 'extraction' },
    ],
    [
      'a demand to sign in',
      SIGN_IN,
      'sign_in_required',
      {
        limited: 'rate_limited',
        onlyProtected: 'drm',
        onlyImages: 'extraction',
        cookies: 'cookies_unusable',
      },
    ],
    ['protection', DRM, 'drm', {}],
    [
      'no answer of the player',
      NO_PLAYER,
      'extraction',
      { limited: 'rate_limited', refused: 'rate_limited', broken: 'server_error', slow: 'timeout' },
    ],
  ] as const)('%s', (_what, error, errorClass, exceptions: Partial<Record<keyof typeof WARNING, string>>) => {
    expect(classOf(error)).toBe(errorClass);
    const isFinal = errorClass !== 'extraction';
    const ofFormats = isFinal ? Object.fromEntries(unusable.map((name) => [name, 'extraction'])) : {};
    const expected: Record<string, string> = { ...ofFormats, ...exceptions };
    for (const [name, warning] of Object.entries(WARNING)) {
      expect([name, classOf(warning, error)]).toEqual([name, expected[name] ?? errorClass]);
    }
  });

  test('protected formats are the reason only where none was left out for another', () => {
    expect(classOf(WARNING.drm, WARNING.onlyProtected, NO_AUDIO)).toBe('drm');
    expect(classOf(WARNING.drmExperiment, WARNING.onlyProtected, NO_AUDIO)).toBe('extraction');
  });

  test('the warning says that a list is missing where the error has only its status', () => {
    const error =
      'ERROR: [youtube:tab] @x: Unable to download API page: HTTP Error 404: Not Found (caused by <HTTPError 404: Not Found>)';
    expect(
      classOf('WARNING: [youtube:tab] YouTube said: ERROR - Requested entity was not found.', error),
    ).toBe('playlist_missing');
  });
});

test.each([
  'Video unavailable',
  'This video is not available',
  'This video is unavailable',
  "This video isn't available.",
  'This video is not available on this device',
  'Video unavailable. This video is unavailable on this device.',
  `Please sign in. ${HINT}`,
])('"%s" gives no reason, so it is asked for again', (text) => {
  expect(isUnavailableWithoutReason(classifyYtDlpFailure([`ERROR: [youtube] ${ID}: ${text}`], 1))).toBe(true);
});

test('a recording that is being processed is looked for after hours', () => {
  const now = new Date('2026-11-21T12:00:00Z');
  const error = classifyYtDlpFailure([`ERROR: [youtube] ${ID}: This live event has ended.`], 1, now);
  expect(error).toBeInstanceOf(LaterError);
  expect(error instanceof LaterError && error.availableAt).toEqual(new Date('2026-11-21T15:00:00Z'));
});
