import { describe, expect, test } from '@jest/globals';
import { LaterError, ThrottledError } from '../domain/job-errors.ts';
import { classifyYtDlpFailure, isUnavailableWithoutReason } from './yt-dlp-errors.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const SIGN_IN = ' Use --cookies-from-browser or --cookies for the authentication. See  https://example.org';
const REPORT =
  '; please report this issue on  https://github.com/yt-dlp/yt-dlp/issues?q= , filling out the template';
const PLAYER = 'ERROR: [youtube] dQw4w9WgXcQ: Failed to extract any player response' + REPORT;
const api = (reason: string) => [
  `WARNING: [youtube] dQw4w9WgXcQ: Unable to download API page: ${reason} (caused by <Some error>)`,
  PLAYER,
];

describe('the error class of messages of yt-dlp', () => {
  test.each([
    ["Private video. Sign in if you've been granted access to this video" + SIGN_IN, 'private'],
    ['This video is private', 'private'],
    ['Video unavailable. This video has been removed by the uploader', 'removed'],
    ['This video is unavailable', 'removed'],
    [
      'This video is no longer available because the YouTube account associated with this video has been terminated.',
      'removed',
    ],
    ['Video unavailable. This video is no longer available due to a copyright claim by X', 'removed'],
    ['Video unavailable', 'removed'],
    ['This video is not available', 'removed'],
    ['This video is DRM protected', 'drm'],
    ['This video is only available to Music Premium members', 'members_only'],
    [
      'Join this channel to get access to members-only content like this video, and other exclusive perks.',
      'members_only',
    ],
    [
      "This video is available to this channel's members on level: Gold (or any higher level). Join this channel",
      'members_only',
    ],
    [
      'This video is available to this channel’s members on level: Gold (or any higher level).',
      'members_only',
    ],
    [
      'Sign in to confirm your age. This video may be inappropriate for some users.' + SIGN_IN,
      'age_restricted',
    ],
    ['The uploader has not made this video available in your country', 'geo_blocked'],
    ['This video is not available from your location due to geo restriction', 'geo_blocked'],
    [
      'Video unavailable. This video contains content from X, who has blocked it in your country on copyright grounds',
      'geo_blocked',
    ],
    ['Premieres in 5 hours', 'premiere'],
    ['Premiere will begin shortly', 'premiere'],
    ['This live event will begin in 2 hours.', 'premiere'],
    ['This live event will begin in a few moments.', 'premiere'],
    ['This live event has ended.', 'recording_pending'],
    ['This live stream recording is not available.', 'recording_pending'],
    ["Sign in to confirm you're not a bot." + SIGN_IN, 'bot_check'],
    ['Sign in to confirm you’re not a bot.' + SIGN_IN, 'bot_check'],
    ['YouTube is requiring a captcha challenge before playback', 'bot_check'],
    ['All player responses are invalid. Your IP is likely being blocked by Youtube', 'bot_check'],
    [
      "Video unavailable. This content isn't available, try again later. The current session has been rate-limited by YouTube for up to an hour.",
      'rate_limited',
    ],
    ['Video unavailable. This content isn’t available, try again later.', 'rate_limited'],
    ['Requested format is not available. Use --list-formats for a list of available formats', 'no_audio'],
    ['No video formats found!' + REPORT, 'extraction'],
    ['The following content is not available on this app', 'extraction'],
    ['An extractor error has occurred. (caused by KeyError)' + REPORT, 'extraction'],
    ['The read operation timed out', 'timeout'],
    ['Something nobody has seen before', 'unknown'],
  ])('%s → %s', (text, errorClass) => {
    expect(classifyYtDlpFailure([`ERROR: [youtube] dQw4w9WgXcQ: ${text}`], 1, NOW).errorClass).toBe(
      errorClass,
    );
  });

  test.each([
    ['ERROR: unable to download video data: HTTP Error 429: Too Many Requests', 'rate_limited'],
    ['ERROR: unable to download video data: HTTP Error 403: Forbidden', 'extraction'],
    ['ERROR: unable to download video data: HTTP Error 404: Not Found', 'extraction'],
    ['ERROR: unable to download video data: HTTP Error 503: Service Unavailable', 'server_error'],
    ['ERROR: \r[download] Got error: timed out. Giving up after 3 retries', 'timeout'],
    [
      'ERROR: [download] Got error: 1048576 bytes read, 99 more expected. Giving up after 3 retries',
      'truncated_media',
    ],
    ['ERROR: Did not get any data blocks', 'truncated_media'],
    ['ERROR: content too short (expected 100 bytes and served 50)', 'truncated_media'],
    [
      'ERROR: [youtube:truncated_id] abc: Incomplete YouTube ID abc. URL https://x looks truncated.',
      'unsupported',
    ],
    ['ERROR: Unsupported URL: https://example.org', 'unsupported'],
    ["ERROR: [generic] '--exec=x' is not a valid URL. Set --default-search", 'unsupported'],
    ['ERROR: No suitable extractor found for URL https://example.org', 'unsupported'],
    ['ERROR: [youtube:tab] PLx: YouTube said: The playlist does not exist.', 'playlist_missing'],
    [
      'ERROR: [youtube:tab] PLx: Unable to download API page: HTTP Error 404: Not Found (Requested entity was not found.)',
      'playlist_missing',
    ],
    [
      'ERROR: [youtube:tab] X: The channel/playlist does not exist and the URL redirected to youtube.com home page',
      'playlist_missing',
    ],
    ['ERROR: [youtube:tab] X: Unable to recognize tab page', 'playlist_missing'],
    ['ERROR: [youtube:tab] X: Failed to resolve url (does the playlist exist?)', 'extraction'],
    [
      'ERROR: Postprocessing: ffprobe and ffmpeg not found. Please install or provide the path',
      'tool_missing',
    ],
    ['ERROR: unable to write data: [Errno 28] No space left on device', 'disk_full'],
    ['ERROR: unable to open for writing: [Errno 13] Permission denied', 'local_configuration'],
    ["ERROR: 'cookies.txt' does not look like a Netscape format cookies file", 'cookies_unusable'],
    ['ERROR: Unable to create directory [Errno 30] Read-only file system', 'local_configuration'],
    [
      'ERROR: [youtube] x: Unable to download webpage: [SSL: CERTIFICATE_VERIFY_FAILED] certificate',
      'local_configuration',
    ],
    [
      'ERROR: [youtube] x: Unable to download webpage: [Errno 99] Cannot assign requested address',
      'local_configuration',
    ],
    ['yt-dlp: error: no such option: --nonsense', 'local_configuration'],
    ['ERROR: Postprocessing: file:x: Invalid data found when processing input', 'broken_media'],
    ['ERROR: Interrupted by user', 'shutdown'],
  ])('%s → %s', (line, errorClass) => {
    expect(classifyYtDlpFailure([line], 1, NOW).errorClass).toBe(errorClass);
  });

  test.each([
    ['HTTP Error 429: Too Many Requests', 'rate_limited'],
    ['HTTP Error 403: Forbidden', 'rate_limited'],
    ['HTTP Error 503: Service Unavailable', 'server_error'],
    ['The read operation timed out', 'timeout'],
    ['[Errno 111] Connection refused', 'network'],
    ['[Errno -2] Name or service not known', 'network'],
    ['something else', 'extraction'],
  ])('no answer of the player after "%s" → %s', (reason, errorClass) => {
    expect(classifyYtDlpFailure(api(reason), 1, NOW).errorClass).toBe(errorClass);
  });

  test.each([
    'No supported JavaScript runtime could be found. Only deno is enabled by default',
    '[youtube] dQw4w9WgXcQ: n challenge solving failed: Some formats may be missing.',
    'Only images are available for download. use --list-formats to see them',
  ])('an error after the warning "%s" is not the fault of the video', (warning) => {
    for (const text of ['Requested format is not available.', 'This video is not available']) {
      const lines = [`WARNING: ${warning}`, `ERROR: [youtube] dQw4w9WgXcQ: ${text}`];
      expect(classifyYtDlpFailure(lines, 1, NOW).errorClass).toBe('extraction');
    }
  });

  test.each([
    ['Premieres in 5 hours', 5 * 60],
    ['Premieres in 90 minutes', 90],
    ['Premieres in 1 day', 24 * 60],
    ['This live event will begin in an hour.', 60],
    ['Premiere will begin shortly', 10],
    ['Premieres in 99999999 days', 365 * 24 * 60],
  ])('%s: tried again after %i minutes', (text, minutes) => {
    const error = classifyYtDlpFailure([`ERROR: [youtube] dQw4w9WgXcQ: ${text}`], 1, NOW);
    expect(error).toBeInstanceOf(LaterError);
    expect(error instanceof LaterError && error.availableAt).toEqual(
      new Date(NOW.getTime() + minutes * 60_000),
    );
  });

  test('a warning about the cover is ignored', () => {
    const lines = [
      'WARNING: [youtube] Unable to download video thumbnail 38: HTTP Error 429: Too Many Requests',
      'ERROR: unable to download video data: HTTP Error 503: Service Unavailable',
    ];
    expect(classifyYtDlpFailure(lines, 1, NOW).errorClass).toBe('server_error');
  });

  test('a rate limit of up to an hour gives a rest of an hour', () => {
    const error = classifyYtDlpFailure(["ERROR: This content isn't available, try again later."], 1, NOW);
    expect(error instanceof ThrottledError && error.restAtLeastMs).toBe(3_600_000);
  });

  test('the message has no prefix, no hints, no passwords and no control characters', () => {
    const message = (line: string) => classifyYtDlpFailure([line], 1, NOW).message;
    expect(message('ERROR: [youtube] dQw4w9WgXcQ: Sign in to confirm you’re not a bot.' + SIGN_IN)).toBe(
      "Sign in to confirm you're not a bot",
    );
    expect(message(PLAYER)).toBe('Failed to extract any player response');
    expect(message('ERROR: Unable to connect to proxy http://me:secret@proxy:80 \u001B[31m')).not.toMatch(
      /secret|\u001B/,
    );
    expect(message(`ERROR: ${'x'.repeat(5000)}`)).toHaveLength(400);
    expect(classifyYtDlpFailure([], 7).message).toBe('yt-dlp ended with code 7 without any output.');
  });

  test('only "Video unavailable" without a reason asks for another try', () => {
    const bare = (text: string) =>
      isUnavailableWithoutReason(classifyYtDlpFailure([`ERROR: [youtube] dQw4w9WgXcQ: ${text}`], 1));
    expect(bare('Video unavailable')).toBe(true);
    expect(bare('Video unavailable. This video has been removed by the uploader')).toBe(false);
  });
});
