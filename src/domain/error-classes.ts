/** The reaction of the queues to a failure; see the table of outcomes in docs/architecture.md. */
export type Outcome =
  'transient' | 'throttled' | 'operator' | 'permanent' | 'later' | 'interrupted' | 'snooze';

/**
 * Every way in which a job can fail, by its outcome, which decides what the queues do with the job
 * (docs/architecture.md). The text says what it is and what a person can do; `adviceFor` adds what happens by itself.
 */
const ADVICE = {
  transient: {
    network: 'The connection failed. Check the network if this continues.',
    timeout: 'The server or program took too long. Raise the timeout if this happens often.',
    stall: 'The transfer stalled and was stopped.',
    server_error: 'The server answered with an internal error.',
    truncated_media: 'The downloaded audio is shorter than announced.',
    broken_media: 'The downloaded audio cannot be decoded.',
    extraction:
      'The site has changed and this version of yt-dlp cannot read it. Update it: `npm run update-yt-dlp`.',
    storage_mismatch:
      'The stored data differs from the data that was sent. Check the disks of the store if this continues.',
    object_missing: 'The object is no longer in the store. If this continues, download the video again.',
    staged_file_missing: 'The staged file is missing.',
    worker_lost: 'The worker died while it ran this job. Check that worker if this happens again.',
    source_format: 'The response of the source is invalid or not in its documented format.',
    unknown: 'The reason is unknown. See the message and the log for details.',
  },
  throttled: {
    bot_check: 'The site asks for a bot check. Lower the rate or configure cookies.',
    rate_limited: 'The site limits this address.',
    outage:
      'Many videos fail in the same way: the network or the site is down, or yt-dlp is too old for the site. Check the network and update yt-dlp.',
    address_unusable:
      'The cookies file of this egress address cannot be used; the others go on. Correct it, then run `npm run retry -- --end-rest ADDRESS`.',
  },
  operator: {
    disk_full: 'The disk is full. Free some space in the staging directory.',
    tool_missing: 'A program is missing. Run `npm run doctor` to see which.',
    credentials: 'Access was refused. Check the keys in the environment.',
    storage_missing: 'The bucket or container does not exist and may not be created. Create it.',
    storage_full: 'The object store is full. Free some space there.',
    record_unavailable: 'MongoDB cannot be reached. Start it or check MONGO_URL.',
    redis_full: 'The memory of Redis is full. Raise its `maxmemory` or add memory.',
    redis_unavailable: 'Redis does not answer. Start it or check REDIS_URL.',
    cookies_unusable:
      'The cookies file of EGRESS or YTDLP_EXTRA_ARGS is missing, not in Netscape format, or no longer valid. Export it anew.',
    local_configuration: 'This machine is not set up correctly. Run `npm run doctor`.',
  },
  permanent: {
    private: 'The owner made it private. Ask for access and configure cookies, or remove it from the list.',
    removed: 'It was removed at the source. There is nothing to download.',
    members_only: 'Only members of the channel can access it. Configure the cookies of a member.',
    payment_required: 'It must be paid for. Configure the cookies of an account that has bought it.',
    sign_in_required: 'The site shows it only to signed-in accounts. Configure cookies, and update yt-dlp.',
    age_restricted: 'It needs the account of a signed-in adult. Configure cookies.',
    geo_blocked: 'It is blocked in the country of this address. Use a proxy in another country.',
    drm: 'It is protected by DRM and cannot be archived.',
    unsupported: 'This URL or id cannot be downloaded.',
    no_audio: 'It has no audio.',
    wrong_duration:
      'The site serves a complete file whose length is neither that of the video nor that of its format. Check it at its source.',
    never_available:
      'It was announced or live for longer than UNAVAILABLE_MAX_DAYS, and no recording appeared. Check it at its source.',
    too_large:
      'It is larger or longer than the limit: MAX_SIZE_BYTES, MAX_OUTPUT_BYTES or MAX_DURATION_SECONDS for audio, the limit of the source in sources.yaml for other content. Raise the limit.',
    too_complex:
      'Reading it takes more time, memory or disk space than anything ordinary: it is damaged or made to do harm. Check it at its source.',
    playlist_missing:
      'The playlist or channel does not exist or is private. Check the spelling of its line in the playlist file; it is read again on its schedule.',
    source_refused: 'The source refused the request. Check its key and its settings in sources.yaml.',
    source_missing: 'The source has nothing at this URL. Check the URL in sources.yaml.',
    source_settings: 'The settings of the source in sources.yaml are invalid. Correct them there.',
    address_refused:
      'This URL may not be requested: it is private, on another host, or the site forbids robots.',
    object_name:
      'Bucket and container do not both take objects of this name. Rename the object in the bucket, or remove it.',
    blob_archived:
      'The blob is in the archive tier of Azure: it can neither be read nor replaced. Move it to another tier (rehydrate it) or delete it there.',
    invalid_payload:
      'The job was not created by this program or by another version of it. Remove it in the dashboard.',
    poison: 'Each worker that ran it died. Check the system log (memory, crashes).',
  },
  later: {
    premiere: 'It is not published yet. It is retried when it should be available.',
    source_limited: 'The source asks for a pause. It is requested again after the pause.',
    recording_pending:
      'The live event is over but its recording is still being processed. It is retried when it should be available.',
    live: 'The live event is not over yet. It is retried when it should be over.',
  },
  interrupted: {
    shutdown: 'The worker was stopped. The job went back to its queue.',
  },
  snooze: {
    back_pressure: 'Staging is full: finished files wait for their upload.',
    egress_rest: 'The budget of all egress addresses is used up, or they rest. See `npm run status`.',
    isolation: 'Several workers died while they ran this job, so it runs alone next time.',
    postponed: 'It waits for another job to finish.',
  },
} as const satisfies Record<Outcome, Readonly<Record<string, string>>>;

/** The error classes that lead to one outcome. */
export type ErrorClassOf<O extends Outcome> = { [P in O]: string & keyof (typeof ADVICE)[P] }[O];

/** As stored in `videos.error.class` and `logs.error_class`. */
export type ErrorClass = ErrorClassOf<Outcome>;

/** The outcome and the advice of each class. */
export const ERROR_CLASSES = Object.fromEntries(
  Object.entries(ADVICE).flatMap(([outcome, classes]) =>
    Object.entries(classes).map(([name, advice]) => [name, { outcome, advice }]),
  ),
) as Readonly<Record<ErrorClass, { readonly outcome: Outcome; readonly advice: string }>>;

export const ERROR_CLASS_NAMES = Object.keys(ERROR_CLASSES) as readonly ErrorClass[];

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
const FINAL: ReadonlySet<ErrorClass> = new Set([
  'removed',
  'drm',
  'unsupported',
  'no_audio',
  'invalid_payload',
]);

/** Whether no retry can help. */
export function isFinal(errorClass: ErrorClass): boolean {
  return FINAL.has(errorClass);
}

/**
 * What a person can do about an error class; also for one that another version of the program wrote.
 * @param state `open` while the program goes on by itself, `failed` when it has given up: then nothing is automatic.
 */
export function adviceFor(errorClass: string | null | undefined, state: 'open' | 'failed' = 'open'): string {
  const known = errorClass && isErrorClass(errorClass) ? errorClass : 'unknown';
  const { advice, outcome } = ERROR_CLASSES[known];
  if (state === 'open') return `${advice}${AUTOMATIC[outcome]}`;
  return isFinal(known) ? advice : `${advice} Then \`npm run retry -- --class ${known}\` tries it again.`;
}
