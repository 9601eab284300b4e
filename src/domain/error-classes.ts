/**
 * Every way in which a job can fail: the outcome decides what the queues do with the job, the advice says what a person can
 * do. What happens by itself is added by `adviceFor`. The classes follow the table of outcomes in docs/architecture.md.
 */
export const ERROR_CLASSES = {
  network: {
    outcome: 'transient',
    advice: 'The connection failed. Check the network if this continues.',
  },
  timeout: {
    outcome: 'transient',
    advice: 'The server or program took too long. Raise the timeout if this happens often.',
  },
  stall: {
    outcome: 'transient',
    advice: 'The transfer stalled and was stopped.',
  },
  server_error: {
    outcome: 'transient',
    advice: 'The server answered with an internal error.',
  },
  truncated_media: {
    outcome: 'transient',
    advice: 'The downloaded audio is shorter than announced.',
  },
  broken_media: {
    outcome: 'transient',
    advice: 'The downloaded audio cannot be decoded.',
  },
  extraction: {
    outcome: 'transient',
    advice: 'The site has changed and this version of yt-dlp cannot read it. Update yt-dlp.',
  },
  recording_pending: {
    outcome: 'transient',
    advice: 'The live event is over but its recording is not available yet.',
  },
  storage_mismatch: {
    outcome: 'transient',
    advice:
      'The stored data differs from the data that was sent. Check the disks of the store if this continues.',
  },
  object_missing: {
    outcome: 'transient',
    advice: 'The object is no longer in the store. If this continues, download the video again.',
  },
  staged_file_missing: {
    outcome: 'transient',
    advice: 'The staged file is missing.',
  },
  worker_lost: {
    outcome: 'transient',
    advice: 'The worker died while it ran this job. Check that worker if this happens again.',
  },
  source_format: {
    outcome: 'transient',
    advice: 'The response of the source is invalid or not in its documented format.',
  },
  unknown: {
    outcome: 'transient',
    advice: 'The reason is unknown. See the message and the log for details.',
  },
  bot_check: {
    outcome: 'throttled',
    advice: 'The site asks for a bot check. Lower the rate or configure cookies.',
  },
  rate_limited: {
    outcome: 'throttled',
    advice: 'The site limits this address.',
  },
  outage: {
    outcome: 'throttled',
    advice:
      'Many videos fail in the same way: the network or the site is down, or yt-dlp is too old for the site. Check the network and update yt-dlp.',
  },
  address_unusable: {
    outcome: 'throttled',
    advice:
      'The cookies file of this egress address cannot be used; the others go on. Correct it, then run `npm run retry -- --end-rest ADDRESS`.',
  },
  disk_full: {
    outcome: 'operator',
    advice: 'The disk is full. Free some space in the staging directory.',
  },
  tool_missing: {
    outcome: 'operator',
    advice: 'A program is missing. Run `npm run doctor` to see which.',
  },
  credentials: {
    outcome: 'operator',
    advice: 'Access was refused. Check the keys in the environment.',
  },
  storage_missing: {
    outcome: 'operator',
    advice: 'The bucket or container does not exist and may not be created. Create it.',
  },
  storage_full: {
    outcome: 'operator',
    advice: 'The object store is full. Free some space there.',
  },
  record_unavailable: {
    outcome: 'operator',
    advice: 'MongoDB cannot be reached. Start it or check MONGO_URL.',
  },
  redis_full: {
    outcome: 'operator',
    advice: 'The memory of Redis is full. Raise its `maxmemory` or add memory.',
  },
  redis_unavailable: {
    outcome: 'operator',
    advice: 'Redis does not answer. Start it or check REDIS_URL.',
  },
  cookies_unusable: {
    outcome: 'operator',
    advice:
      'The cookies file of EGRESS or YTDLP_EXTRA_ARGS is missing or not in Netscape format. Correct it.',
  },
  local_configuration: {
    outcome: 'operator',
    advice: 'This machine is not set up correctly. Run `npm run doctor`.',
  },
  private: {
    outcome: 'permanent',
    advice: 'The owner made it private. Ask for access and configure cookies, or remove it from the list.',
  },
  removed: { outcome: 'permanent', advice: 'It was removed at the source. There is nothing to download.' },
  members_only: {
    outcome: 'permanent',
    advice: 'Only members of the channel can access it. Configure the cookies of a member.',
  },
  age_restricted: {
    outcome: 'permanent',
    advice: 'It needs the account of a signed-in adult. Configure cookies.',
  },
  geo_blocked: {
    outcome: 'permanent',
    advice: 'It is blocked in the country of this address. Use a proxy in another country.',
  },
  drm: { outcome: 'permanent', advice: 'It is protected by DRM and cannot be archived.' },
  unsupported: { outcome: 'permanent', advice: 'This URL or id cannot be downloaded.' },
  no_audio: { outcome: 'permanent', advice: 'It has no audio.' },
  too_large: {
    outcome: 'permanent',
    advice:
      'It is larger than the limit: MAX_SIZE_BYTES for audio, the limit of the source in sources.yaml for other content. Raise the limit.',
  },
  playlist_missing: {
    outcome: 'permanent',
    advice:
      'The playlist or channel does not exist or is private. Check the spelling of its line in the playlist file; it is read again on its schedule.',
  },
  source_refused: {
    outcome: 'permanent',
    advice: 'The source refused the request. Check its key and its settings in sources.yaml.',
  },
  source_missing: {
    outcome: 'permanent',
    advice: 'The source has nothing at this URL. Check the URL in sources.yaml.',
  },
  source_settings: {
    outcome: 'permanent',
    advice: 'The settings of the source in sources.yaml are invalid. Correct them there.',
  },
  address_refused: {
    outcome: 'permanent',
    advice: 'This URL may not be requested: it is private, on another host, or the site forbids robots.',
  },
  invalid_payload: {
    outcome: 'permanent',
    advice:
      'The job was not created by this program or by another version of it. Remove it in the dashboard.',
  },
  poison: {
    outcome: 'permanent',
    advice: 'Each worker that ran it died. Check the system log (memory, crashes).',
  },
  premiere: {
    outcome: 'later',
    advice: 'It is not published yet. It is retried when it should be available.',
  },
  source_limited: {
    outcome: 'later',
    advice: 'The source asks for a pause. It is requested again after the pause.',
  },
  live: {
    outcome: 'later',
    advice: 'The live event is not over yet. It is retried when it should be over.',
  },
  back_pressure: {
    outcome: 'snooze',
    advice: 'Staging is full: finished files wait for their upload.',
  },
  egress_rest: {
    outcome: 'snooze',
    advice: 'The budget of all egress addresses is used up, or they rest. See `npm run status`.',
  },
  isolation: {
    outcome: 'snooze',
    advice: 'Several workers died while they ran this job, so it runs alone next time.',
  },
  postponed: {
    outcome: 'snooze',
    advice: 'It waits for another job to finish.',
  },
  shutdown: { outcome: 'interrupted', advice: 'The worker was stopped. The job went back to its queue.' },
} as const satisfies Record<string, { outcome: Outcome; advice: string }>;

/** The reaction of the queues to a failure; see the table of outcomes in docs/architecture.md. */
export type Outcome =
  'transient' | 'throttled' | 'operator' | 'permanent' | 'later' | 'interrupted' | 'snooze';

/** As stored in `videos.error.class` and `logs.error_class`. */
export type ErrorClass = keyof typeof ERROR_CLASSES;

export const ERROR_CLASS_NAMES = Object.keys(ERROR_CLASSES) as readonly ErrorClass[];

/** The error classes that lead to one outcome. */
export type ErrorClassOf<O extends Outcome> = {
  [C in ErrorClass]: (typeof ERROR_CLASSES)[C]['outcome'] extends O ? C : never;
}[ErrorClass];

export function isErrorClass(text: string): text is ErrorClass {
  return Object.hasOwn(ERROR_CLASSES, text);
}

/** What happens by itself while the outcome lasts. */
const AUTOMATIC: Readonly<Record<Outcome, string>> = {
  transient: ' It is retried automatically.',
  throttled: ' Downloads rest and resume automatically.',
  operator: ' Work resumes automatically.',
  permanent: '',
  later: '',
  interrupted: '',
  snooze: ' It continues automatically.',
};
/** Classes that no retry can help. */
const FINAL: ReadonlySet<ErrorClass> = new Set([
  'removed',
  'drm',
  'unsupported',
  'no_audio',
  'invalid_payload',
]);

/**
 * What a person can do about an error class; also for one that another version of the program wrote.
 * @param state `open` while the program goes on by itself, `failed` when it has given up: then nothing is automatic.
 */
export function adviceFor(errorClass: string | null | undefined, state: 'open' | 'failed' = 'open'): string {
  const known = errorClass && isErrorClass(errorClass) ? errorClass : 'unknown';
  const { advice, outcome } = ERROR_CLASSES[known];
  if (state === 'open') return `${advice}${AUTOMATIC[outcome]}`;
  return FINAL.has(known) ? advice : `${advice} Then \`npm run retry -- --class ${known}\` tries it again.`;
}
