/**
 * Every way in which a job can fail: the outcome decides what the queues do with the job, the advice is for people. The
 * classes follow the table of outcomes in docs/architecture.md.
 */
export const ERROR_CLASSES = {
  network: {
    outcome: 'transient',
    advice: 'The connection failed. It is retried automatically; check the network if this continues.',
  },
  timeout: {
    outcome: 'transient',
    advice:
      'The server or program took too long. It is retried automatically; raise the timeout if this happens often.',
  },
  stall: {
    outcome: 'transient',
    advice: 'The transfer stalled and was stopped. It is retried automatically.',
  },
  server_error: {
    outcome: 'transient',
    advice: 'The server answered with an internal error. It is retried automatically.',
  },
  truncated_media: {
    outcome: 'transient',
    advice: 'The downloaded audio is shorter than announced. It is downloaded again automatically.',
  },
  broken_media: {
    outcome: 'transient',
    advice: 'The downloaded audio cannot be decoded. It is downloaded again automatically.',
  },
  extraction: {
    outcome: 'transient',
    advice:
      'The site has changed and this version of yt-dlp cannot read it. Update yt-dlp, then run `npm run retry`.',
  },
  recording_pending: {
    outcome: 'transient',
    advice: 'The live event is over but its recording is not available yet. It is retried automatically.',
  },
  storage_mismatch: {
    outcome: 'transient',
    advice:
      'The stored data differs from the data that was sent. It is sent again automatically; check the disks of the store if this continues.',
  },
  object_missing: {
    outcome: 'transient',
    advice: 'The object is no longer in the store. If this continues, download the video again.',
  },
  staged_file_missing: {
    outcome: 'transient',
    advice: 'The staged file is missing. The video is downloaded again automatically.',
  },
  worker_lost: {
    outcome: 'transient',
    advice:
      'The worker died while it ran this job. The job is retried automatically; check that worker if this happens again.',
  },
  source_format: {
    outcome: 'transient',
    advice:
      'The response of the source is invalid or not in its documented format. It is requested again automatically.',
  },
  unknown: {
    outcome: 'transient',
    advice: 'The reason is unknown. It is retried automatically; see the message and the log for details.',
  },
  bot_check: {
    outcome: 'throttled',
    advice:
      'The site asks for a bot check. Downloads pause automatically; lower the rate or configure cookies.',
  },
  rate_limited: {
    outcome: 'throttled',
    advice: 'The site limits this address. Downloads pause and resume automatically.',
  },
  outage: {
    outcome: 'throttled',
    advice:
      'Many videos fail in the same way: the network or the site is down, or yt-dlp is too old for the site. Downloads pause and one video probes; check the network and update yt-dlp.',
  },
  address_unusable: {
    outcome: 'throttled',
    advice:
      'The cookies file of this egress address cannot be used; the others go on. Correct it, then run `npm run retry -- --end-rest ADDRESS`.',
  },
  disk_full: {
    outcome: 'operator',
    advice: 'The disk is full. Free some space in the staging directory; work resumes automatically.',
  },
  tool_missing: {
    outcome: 'operator',
    advice: 'A program is missing. Run `npm run doctor` to see which; work resumes automatically.',
  },
  credentials: {
    outcome: 'operator',
    advice: 'Access was refused. Check the keys in the environment; work resumes automatically.',
  },
  storage_missing: {
    outcome: 'operator',
    advice:
      'The bucket or container does not exist and may not be created. Create it; work resumes automatically.',
  },
  storage_full: {
    outcome: 'operator',
    advice: 'The object store is full. Free some space there; work resumes automatically.',
  },
  record_unavailable: {
    outcome: 'operator',
    advice: 'MongoDB cannot be reached. Start it or check MONGO_URL; work resumes automatically.',
  },
  redis_full: {
    outcome: 'operator',
    advice: 'The memory of Redis is full. Raise its `maxmemory` or add memory; work resumes automatically.',
  },
  redis_unavailable: {
    outcome: 'operator',
    advice: 'Redis does not answer. Start it or check REDIS_URL; work resumes automatically.',
  },
  cookies_unusable: {
    outcome: 'operator',
    advice:
      'The cookies file of EGRESS or YTDLP_EXTRA_ARGS is missing or not in Netscape format. Correct it; work resumes automatically.',
  },
  local_configuration: {
    outcome: 'operator',
    advice: 'This machine is not set up correctly. Run `npm run doctor`; work resumes automatically.',
  },
  private: {
    outcome: 'permanent',
    advice: 'The owner made it private. Ask for access and configure cookies, or remove it from the list.',
  },
  removed: { outcome: 'permanent', advice: 'It was removed at the source. There is nothing to download.' },
  members_only: {
    outcome: 'permanent',
    advice: 'Only members of the channel can access it. Configure the cookies of a member, then retry it.',
  },
  age_restricted: {
    outcome: 'permanent',
    advice: 'It needs the account of a signed-in adult. Configure cookies, then retry it.',
  },
  geo_blocked: {
    outcome: 'permanent',
    advice: 'It is blocked in the country of this address. Use a proxy in another country, then retry it.',
  },
  drm: { outcome: 'permanent', advice: 'It is protected by DRM and cannot be archived.' },
  unsupported: { outcome: 'permanent', advice: 'This URL or id cannot be downloaded.' },
  no_audio: { outcome: 'permanent', advice: 'It has no audio.' },
  too_large: {
    outcome: 'permanent',
    advice:
      'It is larger than the limit: MAX_SIZE_BYTES for audio, the limit of the source in sources.yaml for other content. Raise the limit, then retry it.',
  },
  playlist_missing: {
    outcome: 'permanent',
    advice: 'The playlist or channel does not exist or is private. Check its line in the playlist file.',
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
    advice: 'Each worker that ran it died. Check the system log (memory, crashes), then run `npm run retry`.',
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
    advice: 'Staging is full: finished files wait for their upload. Downloads resume automatically.',
  },
  egress_rest: {
    outcome: 'snooze',
    advice:
      'The budget of all egress addresses is used up, or they rest. It continues automatically; see `npm run status`.',
  },
  isolation: {
    outcome: 'snooze',
    advice:
      'Several workers died while they ran this job, so it runs alone next time. It continues automatically.',
  },
  postponed: {
    outcome: 'snooze',
    advice: 'It waits for another job to finish. It continues automatically.',
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

/** What a person can do about an error class; also for one that another version of the program wrote. */
export function adviceFor(errorClass: string | null | undefined): string {
  return ERROR_CLASSES[errorClass && isErrorClass(errorClass) ? errorClass : 'unknown'].advice;
}
