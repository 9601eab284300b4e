/**
 * Every way a job can end badly, in one table: the outcome that decides what the queues do with it, and the
 * advice a person reads. The classes follow the table of outcomes in docs/architecture.md.
 */
export const ERROR_CLASSES = {
  network: {
    outcome: 'transient',
    advice: 'The connection failed. It is tried again by itself; check the network if it goes on.',
  },
  timeout: {
    outcome: 'transient',
    advice:
      'The other side took too long. It is tried again by itself; raise the deadline if this is common.',
  },
  stall: {
    outcome: 'transient',
    advice: 'No bytes moved for a while and the work was ended. It is tried again by itself.',
  },
  server_error: {
    outcome: 'transient',
    advice: 'The other side answered with an error of its own. It is tried again by itself.',
  },
  truncated_media: {
    outcome: 'transient',
    advice: 'The audio that arrived is shorter than announced. It is downloaded again by itself.',
  },
  broken_media: {
    outcome: 'transient',
    advice: 'The audio that arrived cannot be decoded. It is downloaded again by itself.',
  },
  extraction: {
    outcome: 'transient',
    advice: 'The site changed in a way this yt-dlp does not know. Update yt-dlp, then run `npm run retry`.',
  },
  recording_pending: {
    outcome: 'transient',
    advice: 'The broadcast is over but its recording is not there yet. It is tried again by itself.',
  },
  storage_mismatch: {
    outcome: 'transient',
    advice:
      'What is stored differs from what was sent. It is sent again by itself; check the disks of the store if it goes on.',
  },
  object_missing: {
    outcome: 'transient',
    advice: 'The object is no longer in the store. If it stays away, retry the video from its download.',
  },
  staged_file_missing: {
    outcome: 'transient',
    advice: 'The downloaded file is not where it was put. It is downloaded again by itself.',
  },
  worker_lost: {
    outcome: 'transient',
    advice: 'The worker died while it held this job. It is tried again; look at that worker if it repeats.',
  },
  source_format: {
    outcome: 'transient',
    advice: 'What the source sent is broken or not what it documents. It is asked again by itself.',
  },
  unknown: {
    outcome: 'transient',
    advice: 'The reason is not known. It is tried again by itself; the message and the log tell more.',
  },
  bot_check: {
    outcome: 'throttled',
    advice: 'The site suspects a robot. Downloads rest by themselves; lower the rate or configure cookies.',
  },
  rate_limited: {
    outcome: 'throttled',
    advice: 'The site limits this address. Downloads rest by themselves and go on later.',
  },
  disk_full: {
    outcome: 'operator',
    advice: 'The disk is full. Free some space in the staging directory; work resumes by itself.',
  },
  tool_missing: {
    outcome: 'operator',
    advice: 'A program is missing. Run `npm run doctor` to see which; work resumes by itself.',
  },
  credentials: {
    outcome: 'operator',
    advice: 'Access was refused. Check the keys in the environment; work resumes by itself.',
  },
  storage_missing: {
    outcome: 'operator',
    advice:
      'The bucket or container does not exist and may not be created. Create it; work resumes by itself.',
  },
  storage_full: {
    outcome: 'operator',
    advice: 'The object store has no space left. Make room there; work resumes by itself.',
  },
  record_unavailable: {
    outcome: 'operator',
    advice: 'MongoDB cannot be reached. Start it or check MONGO_URL; work resumes by itself.',
  },
  redis_full: {
    outcome: 'operator',
    advice: 'The memory of Redis is full. Raise its maxmemory or give it more; work resumes by itself.',
  },
  redis_unavailable: {
    outcome: 'operator',
    advice: 'Redis does not answer. Start it or check REDIS_URL; work resumes by itself.',
  },
  local_configuration: {
    outcome: 'operator',
    advice: 'This machine is not set up for the work. Run `npm run doctor`; work resumes by itself.',
  },
  private: {
    outcome: 'permanent',
    advice: 'The owner made it private. Ask for access and configure cookies, or leave it out.',
  },
  removed: { outcome: 'permanent', advice: 'It was removed at the source. There is nothing to download.' },
  members_only: {
    outcome: 'permanent',
    advice: 'Only members of the channel may hear it. Configure the cookies of a member, then retry it.',
  },
  age_restricted: {
    outcome: 'permanent',
    advice: 'It needs a signed-in account of age. Configure cookies, then retry it.',
  },
  geo_blocked: {
    outcome: 'permanent',
    advice: 'It is blocked in the country of this address. Use a proxy elsewhere, then retry it.',
  },
  drm: { outcome: 'permanent', advice: 'It is protected by DRM and cannot be archived.' },
  unsupported: { outcome: 'permanent', advice: 'This address or id is not one that can be downloaded.' },
  no_audio: { outcome: 'permanent', advice: 'It has no audio that can be downloaded.' },
  too_large: {
    outcome: 'permanent',
    advice:
      'It is larger than its limit: MAX_SIZE_BYTES for audio, that of its source in sources.yaml for other content. Raise the limit where there is one to set, then retry it.',
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
    advice: 'The source has nothing at this address. Check it in sources.yaml.',
  },
  source_settings: {
    outcome: 'permanent',
    advice: 'The source cannot be collected as sources.yaml has it. Correct it there.',
  },
  address_refused: {
    outcome: 'permanent',
    advice: 'This address may not be fetched: it is private, of another host, or the site forbids robots.',
  },
  invalid_payload: {
    outcome: 'permanent',
    advice: 'The job was not made by this program or by another version of it. Remove it in the dashboard.',
  },
  poison: {
    outcome: 'permanent',
    advice:
      'Each worker that took it died. Look into the log of the system (memory, crashes), then revive it with `npm run retry`.',
  },
  premiere: {
    outcome: 'later',
    advice: 'It has not been published yet. It is tried when it should be there.',
  },
  source_limited: {
    outcome: 'later',
    advice: 'The source asks for a pause. It is asked again when that is over.',
  },
  live: {
    outcome: 'later',
    advice: 'It is being broadcast. It is tried again when the broadcast should be over.',
  },
  back_pressure: {
    outcome: 'interrupted',
    advice: 'Finished files wait for their upload. Downloads go on by themselves when there is room.',
  },
  egress_rest: {
    outcome: 'interrupted',
    advice: 'The budget of the ways out is spent, or they rest. It goes on by itself; see `npm run status`.',
  },
  shutdown: { outcome: 'interrupted', advice: 'The worker was stopped. The job went back to its queue.' },
} as const satisfies Record<string, { outcome: Outcome; advice: string }>;

/** What the queues do after a failure; see the table of outcomes in docs/architecture.md. */
export type Outcome = 'transient' | 'throttled' | 'operator' | 'permanent' | 'later' | 'interrupted';

/** The name of one way to fail, as kept in `videos.error.class` and `logs.error_class`. */
export type ErrorClass = keyof typeof ERROR_CLASSES;

/** The error classes that lead to one outcome. */
export type ErrorClassOf<O extends Outcome> = {
  [C in ErrorClass]: (typeof ERROR_CLASSES)[C]['outcome'] extends O ? C : never;
}[ErrorClass];

/** Whether a text from outside (database, command line) names an error class. */
export function isErrorClass(text: string): text is ErrorClass {
  return Object.hasOwn(ERROR_CLASSES, text);
}
