export interface Playability {
  readonly playabilityStatus: Readonly<Record<string, unknown>>;
  /** Merged into `videoDetails`. */
  readonly videoDetails?: Readonly<Record<string, unknown>>;
  readonly streamingData?: 'none' | 'drm' | 'as usual';
  /** Hours until the broadcast begins; becomes `liveBroadcastDetails.startTimestamp`. */
  readonly startsInHours?: number;
}

const screen = (status: string, reason: string, subreason?: string): Playability => ({
  playabilityStatus: {
    status,
    reason,
    errorScreen: {
      playerErrorMessageRenderer: {
        reason: { simpleText: reason },
        subreason: subreason === undefined ? undefined : { simpleText: subreason },
      },
    },
  },
});
const scheduled = (reason: string, startsInHours: number): Playability => ({
  playabilityStatus: { status: 'LIVE_STREAM_OFFLINE', reason },
  videoDetails: { isUpcoming: true, isLiveContent: true },
  startsInHours,
});

/**
 * The parts of the player responses for videos that do not play, by the reason. Wording: yt-dlp 2026.10.26, extractor/youtube/_video.py and its
 * test entries.
 */
export const PLAYABILITY = {
  private: screen('LOGIN_REQUIRED', 'Private video', "Sign in if you've been granted access to this video"),
  removed: screen('ERROR', 'Video unavailable', 'This video has been removed by the uploader'),
  'account-terminated': screen(
    'ERROR',
    'Video unavailable',
    'This video is no longer available because the YouTube account associated with this video has been terminated.',
  ),
  'copyright-claim': screen(
    'ERROR',
    'Video unavailable',
    'This video is no longer available due to a copyright claim by Sample Records',
  ),
  unavailable: screen('ERROR', 'Video unavailable'),
  'music-premium': screen('UNPLAYABLE', 'This video is only available to Music Premium members'),
  members: screen(
    'UNPLAYABLE',
    'Join this channel to get access to members-only content like this video, and other exclusive perks.',
  ),
  'members-level': screen(
    'UNPLAYABLE',
    "This video is available to this channel's members on level: Patron (or any higher level). Join this channel to get access to members-only content and other exclusive perks.",
  ),
  age: screen(
    'LOGIN_REQUIRED',
    'Sign in to confirm your age',
    'This video may be inappropriate for some users.',
  ),
  country: screen(
    'UNPLAYABLE',
    'Video unavailable',
    'The uploader has not made this video available in your country',
  ),
  'country-copyright': screen(
    'UNPLAYABLE',
    'Video unavailable',
    'This video contains content from Sample Records, who has blocked it in your country on copyright grounds',
  ),
  drm: { playabilityStatus: { status: 'OK' }, streamingData: 'drm' },
  'bot-check': screen(
    'LOGIN_REQUIRED',
    'Sign in to confirm you’re not a bot',
    'This helps protect our community. Learn more',
  ),
  captcha: {
    playabilityStatus: {
      status: 'UNPLAYABLE',
      reason: 'Please verify that you are human',
      errorScreen: { playerCaptchaViewModel: { captchaStrategy: 'sample' } },
    },
  },
  'rate-limited': screen('ERROR', "This content isn't available, try again later."),
  premiere: scheduled('Premieres in 3 hours', 3),
  'premiere-shortly': scheduled('Premiere will begin shortly', 0.02),
  upcoming: scheduled('This live event will begin in 2 hours.', 2),
  live: {
    playabilityStatus: { status: 'OK' },
    videoDetails: { isLive: true, isLiveContent: true, lengthSeconds: '0' },
    streamingData: 'as usual',
  },
  'live-without-formats': {
    playabilityStatus: { status: 'OK' },
    videoDetails: { isLive: true, isLiveContent: true, lengthSeconds: '0' },
  },
  'post-live': {
    playabilityStatus: { status: 'OK' },
    videoDetails: { isLive: false, isPostLiveDvr: true, isLiveContent: true },
    streamingData: 'as usual',
  },
  'post-live-without-formats': {
    playabilityStatus: { status: 'OK' },
    videoDetails: { isLive: false, isPostLiveDvr: true, isLiveContent: true },
  },
  processing: screen('UNPLAYABLE', "We're processing this video. Check back later."),
  reload: screen('ERROR', 'The page needs to be reloaded.'),
  'sign-in': screen('LOGIN_REQUIRED', 'Please sign in'),
  payment: screen('UNPLAYABLE', 'This video requires payment to watch'),
  'not-available': screen('ERROR', 'This video is not available'),
  'not-on-device': screen('ERROR', 'This video is unavailable on this device.'),
  'live-ended': screen('LIVE_STREAM_OFFLINE', 'This live stream recording is not available.'),
} satisfies Record<string, Playability>;

export type PlayabilityName = keyof typeof PLAYABILITY;
export const PLAYABILITY_NAMES = Object.keys(PLAYABILITY) as PlayabilityName[];
