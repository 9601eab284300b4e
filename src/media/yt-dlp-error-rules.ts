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
/** Recordings of broadcasts are processed for hours to days. */
const RECORDING_DELAY_MS = 3 * HOUR_MS;

/** One kind of failure of yt-dlp. */
export interface YtDlpErrorRule {
  /** Tested against single lines, with typographic quotes replaced by plain ones. */
  readonly pattern: RegExp;
  /** A line must match this as well, anywhere: `first.*second` in one pattern would take quadratic time. */
  readonly also?: RegExp;
  /**
   * Whether warnings count too, where the errors do not give the reason themselves:
   * `proof`: after any such error; `explanation`: only after an error that names no cause at all (`isUnexplained`).
   * Left out: only lines that are not warnings count, because successful runs print such warnings too.
   */
  readonly warnings?: 'proof' | 'explanation';
  /** The line says only that something failed. */
  readonly isUnexplained?: true;
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

/** A live event is over and its recording is not there yet. */
export function recordingPending(message: string, now: Date): LaterError {
  const availableAt = new Date(now.getTime() + RECORDING_DELAY_MS);
  return new LaterError('recording_pending', message, { availableAt });
}

/** A warning: yt-dlp can use some formats not at all; an error that follows may say nothing about the video. */
export const FORMATS_UNUSABLE =
  /No supported JavaScript runtime|n challenge solving failed|signature solving failed|missing a URL|require a GVS PO Token|experiment that applies DRM/i;
/** An error: the player gave neither formats nor a reason. */
export const NO_FORMATS = /No video formats found/i;
/** A warning: nothing with audio or video is left. */
export const ONLY_IMAGES = /only images are available/i;
/** A warning: what was left out is protected (YoutubeDL.py, process_video_result). */
export const ONLY_PROTECTED = /DRM protected and only images are available/i;
/** A warning: the site has signed the account out. */
export const COOKIES_INVALID = /account cookies are no longer valid/i;
/** An answer of the player that gives no reason; it is also given for videos that are available. */
export const WITHOUT_REASON =
  /^((Video|This video) (is |isn't |is not |is currently )?(un)?available( on this device)?|Please sign in)$/i;

/**
 * The first rule that matches any line wins. The texts are from yt-dlp 2026.10 (extractor/youtube/_video.py, _base.py,
 * _tab.py, utils/_utils.py) and from YouTube's `playabilityStatus.reason`, which may change at any time; a failure
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
    pattern: /ffmpeg|ffprobe/i,
    also: /not found|is not installed/i,
    make: operator('tool_missing'),
  },
  {
    pattern:
      /unable to open for writing|Unable to create directory|\[Errno (13|30)\]|no such option|^Usage: yt-dlp/i,
    make: operator('local_configuration'),
  },
  {
    pattern: /CERTIFICATE_VERIFY_FAILED|\[Errno 99\]|Cannot assign requested address/i,
    warnings: 'explanation',
    make: operator('local_configuration'),
  },
  { pattern: /Netscape format cookies file/i, make: operator('cookies_unusable') },

  {
    pattern: /not a bot|requiring a captcha|IP is likely being blocked/i,
    warnings: 'proof',
    make: throttled('bot_check'),
  },
  {
    pattern: /rate-limited by YouTube|content isn't available, try again later/i,
    warnings: 'proof',
    make: (message) => new ThrottledError('rate_limited', message, { restAtLeastMs: HOUR_MS }),
  },
  { pattern: /HTTP Error 429|Too Many Requests/i, warnings: 'proof', make: throttled('rate_limited') },
  {
    // Without any answer of the player, a refused API page means that the site refuses this egress address.
    pattern: /Unable to download API page: /i,
    also: /HTTP Error 403/i,
    warnings: 'explanation',
    make: throttled('rate_limited'),
  },

  { pattern: /Premieres in|Premiere will begin|live event will begin/i, make: premiere },
  { pattern: /not currently live/i, make: (message) => new LaterError('live', message) },
  {
    pattern:
      /live event has ended|live stream recording is not available|processing this video|(video|recording) is (still )?being processed/i,
    make: recordingPending,
  },

  {
    pattern:
      /not made this video available in your country|geo.?restriction|blocked it in your country|not available in your (country|location)/i,
    make: permanent('geo_blocked'),
  },
  {
    pattern: /confirm your age|inappropriate for some users|age.restricted/i,
    make: permanent('age_restricted'),
  },
  {
    pattern: /members-only|Join this (YouTube )?channel|members on level|channel's members|Premium members/i,
    make: permanent('members_only'),
  },
  { pattern: /Private video|video is private/i, make: permanent('private') },
  {
    pattern: /requires (payment|purchase|rental)|must (purchase|rent) this/i,
    make: permanent('payment_required'),
  },
  {
    pattern: /Please sign in|only available for registered users|Login details are needed/i,
    make: permanent('sign_in_required'),
  },
  { pattern: /video is DRM protected/i, make: permanent('drm') },

  {
    pattern:
      /has been removed|no longer available|video (is )?(currently )?unavailable|This video (is not|isn't|is currently not) available/i,
    make: permanent('removed'),
  },
  {
    pattern: /This account has been terminated|channel was removed/i,
    also: /^ERROR: \[youtube\] /,
    make: permanent('removed'),
  },
  {
    pattern: /Incomplete YouTube ID|Unsupported URL|is not a valid URL|No suitable extractor/i,
    make: permanent('unsupported'),
  },
  {
    pattern:
      /(playlist|channel) (does not|doesn't) exist|Unable to recognize tab page|This account has been terminated|channel (was|has been) removed|playlist is private|playlist type is unviewable/i,
    make: permanent('playlist_missing'),
  },
  {
    // The HTTP status is in the error, this reason in the warning before it.
    pattern: /Requested entity was not found/i,
    warnings: 'explanation',
    make: permanent('playlist_missing'),
  },
  { pattern: /Requested format is not available/i, make: permanent('no_audio') },

  // The media address has expired or was refused: every attempt asks the site for a new one.
  { pattern: /video data: HTTP Error 4\d\d/i, make: transient('extraction') },
  { pattern: /HTTP Error 5\d\d/i, warnings: 'explanation', make: transient('server_error') },
  { pattern: /timed out/i, warnings: 'explanation', make: transient('timeout') },
  {
    pattern: /content too short|bytes read, \d+ more expected|Did not get any data blocks/i,
    make: transient('truncated_media'),
  },
  {
    pattern:
      /Connection (refused|reset|aborted)|Name or service not known|name resolution|Network is unreachable|No route to host|Remote end closed|UNEXPECTED_EOF|EOF occurred|IncompleteRead|connect to proxy|Tunnel connection failed|TransportError/i,
    warnings: 'explanation',
    make: transient('network'),
  },
  { pattern: /Invalid data found/i, make: transient('broken_media') },
  {
    pattern: /No video formats found|not available on this app|page needs to be reloaded/i,
    make: transient('extraction'),
  },
  {
    pattern: /report this issue on|Failed to extract|Failed to resolve url/i,
    isUnexplained: true,
    make: transient('extraction'),
  },
];
