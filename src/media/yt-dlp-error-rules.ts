import {
  InterruptedError,
  LaterError,
  OperatorError,
  PermanentError,
  ThrottledError,
  TransientError,
  type JobError,
} from '../domain/job-errors.ts';
import { timeUntil } from './yt-dlp-waiting-time.ts';

const HOUR_MS = 3_600_000;

/** One kind of failure of yt-dlp. */
export interface YtDlpErrorRule {
  /** Tested against single lines, with typographic quotes replaced by plain ones. */
  readonly pattern: RegExp;
  /** `error`: only lines that begin with ERROR, because successful runs print such warnings too. */
  readonly lines?: 'error';
  readonly make: (message: string, now: Date) => JobError;
}

const permanent = (errorClass: ConstructorParameters<typeof PermanentError>[0]) => (message: string) =>
  new PermanentError(errorClass, message);
const transient = (errorClass: ConstructorParameters<typeof TransientError>[0]) => (message: string) =>
  new TransientError(errorClass, message);
const operator = (errorClass: ConstructorParameters<typeof OperatorError>[0]) => (message: string) =>
  new OperatorError(errorClass, message);
const throttled = (errorClass: ConstructorParameters<typeof ThrottledError>[0]) => (message: string) =>
  new ThrottledError(errorClass, message);
const premiere = (message: string, now: Date) =>
  new LaterError('premiere', message, { availableAt: timeUntil(message, now) });

/** yt-dlp cannot solve the challenges of the player; errors that follow say nothing about the video. */
export const JAVASCRIPT_FAILURE =
  /No supported JavaScript runtime|n challenge solving failed|Only images are available|signature solving failed/i;

/**
 * The first rule that matches any line wins. The texts are from yt-dlp (extractor/youtube/_video.py,
 * utils/_utils.py of 2026.08) and from YouTube's `playabilityStatus.reason`, which may change at any time; a failure
 * without a rule is transient. Throttling comes before the rules about videos because YouTube reports it as
 * "Video unavailable"; geo blocks come before removals because both mention copyright.
 */
export const YTDLP_ERROR_RULES: readonly YtDlpErrorRule[] = [
  { pattern: /^ERROR: Interrupted by user/, make: (message) => new InterruptedError(message) },
  {
    pattern: /No space left on device|\[Errno 28\]|\[Errno 122\]|Disk quota exceeded/i,
    make: operator('disk_full'),
  },
  {
    pattern: /(ffprobe|ffmpeg)[\w ]* (not found|is not installed)/i,
    lines: 'error',
    make: operator('tool_missing'),
  },
  {
    pattern:
      /CERTIFICATE_VERIFY_FAILED|\[Errno 99\]|Cannot assign requested address|unable to open for writing|Unable to create directory|\[Errno (13|30)\]|no such option|^Usage: yt-dlp/i,
    make: operator('local_configuration'),
  },
  { pattern: /Netscape format cookies file/i, make: operator('cookies_unusable') },

  { pattern: /not a bot/i, make: throttled('bot_check') },
  { pattern: /requiring a captcha/i, make: throttled('bot_check') },
  { pattern: /IP is likely being blocked/i, make: throttled('bot_check') },
  {
    pattern: /rate-limited by YouTube|content isn't available, try again later/i,
    make: (message) => new ThrottledError('rate_limited', message, { restAtLeastMs: HOUR_MS }),
  },
  {
    pattern: /HTTP Error 429|Too Many Requests/i,
    make: throttled('rate_limited'),
  },
  {
    // Without any answer of the player, a refused API page means that the site refuses this egress address.
    pattern: /Unable to download API page: .*HTTP Error 403/i,
    make: throttled('rate_limited'),
  },

  { pattern: /Premieres in|Premiere will begin|live event will begin/i, make: premiere },
  { pattern: /not currently live/i, make: (message) => new LaterError('live', message) },
  {
    pattern: /live event has ended|live stream recording is not available/i,
    make: transient('recording_pending'),
  },

  {
    pattern:
      /not made this video available in your country|geo.?restriction|blocked it in your country|not available in your (country|location)/i,
    make: permanent('geo_blocked'),
  },
  {
    pattern: /confirm your age|inappropriate for some users|age.restricted/i,
    lines: 'error',
    make: permanent('age_restricted'),
  },
  {
    pattern: /members-only|Join this (YouTube )?channel|members on level|channel's members|Premium members/i,
    lines: 'error',
    make: permanent('members_only'),
  },
  { pattern: /Private video|video is private/i, lines: 'error', make: permanent('private') },
  { pattern: /DRM protected/i, make: permanent('drm') },

  {
    pattern:
      /has been removed|no longer available|video is unavailable|Video unavailable|This video (is not|isn't) available/i,
    lines: 'error',
    make: permanent('removed'),
  },
  {
    pattern: /Incomplete YouTube ID|Unsupported URL|is not a valid URL|No suitable extractor/i,
    lines: 'error',
    make: permanent('unsupported'),
  },
  {
    pattern:
      /playlist does not exist|Requested entity was not found|channel\/playlist does not exist|Unable to recognize tab page/i,
    make: permanent('playlist_missing'),
  },
  { pattern: /Requested format is not available/i, lines: 'error', make: permanent('no_audio') },

  // The media address has expired or was refused: every attempt asks the site for a new one.
  { pattern: /video data: HTTP Error 4\d\d/i, make: transient('extraction') },
  { pattern: /HTTP Error 5\d\d/i, make: transient('server_error') },
  { pattern: /timed out/i, make: transient('timeout') },
  {
    pattern: /content too short|bytes read, \d+ more expected|Did not get any data blocks/i,
    make: transient('truncated_media'),
  },
  {
    pattern:
      /Connection (refused|reset|aborted)|Name or service not known|name resolution|Network is unreachable|No route to host|Remote end closed|UNEXPECTED_EOF|EOF occurred|IncompleteRead|connect to proxy|Tunnel connection failed|TransportError/i,
    make: transient('network'),
  },
  { pattern: /Invalid data found/i, make: transient('broken_media') },
  {
    pattern:
      /No video formats found|report this issue on|Failed to extract|Failed to resolve url|not available on this app/i,
    make: transient('extraction'),
  },
];
