import { z } from 'zod';
import { PLAYABILITY_NAMES } from './playability.ts';

const status = z.int().min(400).max(599);
/** How many runs or requests fail; all of them by default. */
const times = z.int().min(0).optional();

/**
 * A fault of a video. A run begins with each player request for it. With a media fault of `times: 2` all media requests of
 * two runs fail, however often yt-dlp itself repeats them, so two whole attempts of a job fail.
 */
export const videoFaultSchema = z.discriminatedUnion('kind', [
  /** The player responds that the video cannot be played, in YouTube's words. */
  z.object({ kind: z.literal('playability'), name: z.enum(PLAYABILITY_NAMES), times }),
  /** The player request fails with an HTTP status. */
  z.object({ kind: z.literal('player-status'), status, times }),
  /** The player request is never answered. */
  z.object({ kind: z.literal('player-stall'), times }),
  /** The player request is answered with a web page. */
  z.object({ kind: z.literal('player-html'), times }),
  /** The player responds with another video, as YouTube does for blocked addresses. */
  z.object({ kind: z.literal('player-wrong-video'), times }),
  /** The player responds OK without formats to download. */
  z.object({ kind: z.literal('no-formats'), times }),
  /** The media request fails with an HTTP status. */
  z.object({ kind: z.literal('media-status'), status, times }),
  /** The media begins and never ends; `afterBytes: 0` sends headers only. */
  z.object({ kind: z.literal('media-stall'), afterBytes: z.int().min(0).default(8192), times }),
  /** The connection is cut in the middle, also when the download is resumed. */
  z.object({ kind: z.literal('media-cut'), times }),
  /** Half the file as if it were all of it: Content-Length matches the body. */
  z.object({ kind: z.literal('media-short'), times }),
  /** Random bytes of the right length. */
  z.object({ kind: z.literal('media-corrupt'), times }),
  /** A web page in place of audio. */
  z.object({ kind: z.literal('media-html'), times }),
  /** Zero bytes. */
  z.object({ kind: z.literal('media-empty'), times }),
  /** The whole file, slowly. */
  z.object({ kind: z.literal('media-slow'), bytesPerSecond: z.int().min(1).default(16_384), times }),
  /** Range headers are ignored: always 200 and the whole file. */
  z.object({ kind: z.literal('media-no-range'), times }),
]);
export type VideoFault = z.output<typeof videoFaultSchema>;
export type MediaFault = Extract<VideoFault, { kind: `media-${string}` }>;

export function isMediaFault(fault: VideoFault | undefined): fault is MediaFault {
  return fault?.kind.startsWith('media-') === true;
}

const page = z.int().min(0).default(1);
/** A fault of a playlist; pages are numbered from 0, `times` counts requests. */
export const playlistFaultSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('page-status'), page, status, times }),
  z.object({ kind: z.literal('page-stall'), page, times }),
  z.object({ kind: z.literal('page-html'), page, times }),
  /** A response without the keys of a page. */
  z.object({ kind: z.literal('page-empty'), page, times }),
  /** This is the last page, whatever count the header has. */
  z.object({ kind: z.literal('ends-after'), page, times }),
  /** Every page names the same next page. */
  z.object({ kind: z.literal('repeats-token'), times }),
  /** YouTube's error box in place of a playlist. */
  z.object({ kind: z.literal('alert'), text: z.string(), times }),
  /** The URL cannot be resolved. */
  z.object({ kind: z.literal('unresolvable'), times }),
]);
export type PlaylistFault = z.output<typeof playlistFaultSchema>;

/** Failing videos in a webm container: unlike with m4a, yt-dlp reports success for a broken file. */
export const WEBM_FAULT_ID = /^med-w-/;

/** Ids are `err-`, `api-` or `med-` and a name, padded with zeros to the 11 characters of a video id. */
const faultId = (name: string): string => name.padEnd(11, '0');

const FIXED: readonly (readonly [name: string, fault: VideoFault])[] = [
  ['err-private', { kind: 'playability', name: 'private' }],
  ['err-removed', { kind: 'playability', name: 'removed' }],
  ['err-account', { kind: 'playability', name: 'account-terminated' }],
  ['err-claim', { kind: 'playability', name: 'copyright-claim' }],
  ['err-unavail', { kind: 'playability', name: 'unavailable' }],
  ['err-premium', { kind: 'playability', name: 'music-premium' }],
  ['err-members', { kind: 'playability', name: 'members' }],
  ['err-level', { kind: 'playability', name: 'members-level' }],
  ['err-age', { kind: 'playability', name: 'age' }],
  ['err-country', { kind: 'playability', name: 'country' }],
  ['err-ccountr', { kind: 'playability', name: 'country-copyright' }],
  ['err-drm', { kind: 'playability', name: 'drm' }],
  ['err-bot', { kind: 'playability', name: 'bot-check' }],
  ['err-captcha', { kind: 'playability', name: 'captcha' }],
  ['err-rate', { kind: 'playability', name: 'rate-limited' }],
  ['err-premier', { kind: 'playability', name: 'premiere' }],
  ['err-shortly', { kind: 'playability', name: 'premiere-shortly' }],
  ['err-upcomin', { kind: 'playability', name: 'upcoming' }],
  ['err-live', { kind: 'playability', name: 'live' }],
  ['err-livenon', { kind: 'playability', name: 'live-without-formats' }],
  ['err-ended', { kind: 'playability', name: 'live-ended' }],
  ['err-postliv', { kind: 'playability', name: 'post-live' }],
  ['err-postnon', { kind: 'playability', name: 'post-live-without-formats' }],
  ['err-process', { kind: 'playability', name: 'processing' }],
  ['err-reload', { kind: 'playability', name: 'reload' }],
  ['err-signin', { kind: 'playability', name: 'sign-in' }],
  ['err-payment', { kind: 'playability', name: 'payment' }],
  ['err-notavai', { kind: 'playability', name: 'not-available' }],
  ['err-device', { kind: 'playability', name: 'not-on-device' }],
  ['api-wrong', { kind: 'player-wrong-video' }],
  ['api-noforma', { kind: 'no-formats' }],
  ['api-stall', { kind: 'player-stall' }],
  ['api-html', { kind: 'player-html' }],
  ['med-stall', { kind: 'media-stall', afterBytes: 8192 }],
  ['med-cut', { kind: 'media-cut' }],
  ['med-short', { kind: 'media-short' }],
  ['med-corrupt', { kind: 'media-corrupt' }],
  ['med-html', { kind: 'media-html' }],
  ['med-empty', { kind: 'media-empty' }],
  ['med-slow', { kind: 'media-slow', bytesPerSecond: 16_384 }],
  ['med-norange', { kind: 'media-no-range' }],
  ['med-w-corru', { kind: 'media-corrupt' }],
  ['med-w-short', { kind: 'media-short' }],
  ['med-w-html', { kind: 'media-html' }],
  ...[400, 403, 404, 429, 500, 503].flatMap((code) => [
    [`api-${code}`, { kind: 'player-status', status: code }] as const,
    [`med-${code}`, { kind: 'media-status', status: code }] as const,
  ]),
];

/** The videos that always fail, by id. */
export const FIXED_VIDEO_FAULTS: ReadonlyMap<string, VideoFault> = new Map(
  FIXED.map(([name, fault]) => [faultId(name), fault]),
);
