/** The stages of a video, in order; each has a queue with the same name. */
export const STAGES = ['download', 'upload', 'sync'] as const;
export type Stage = (typeof STAGES)[number];

/** `mirrored`, `failed` and `skipped` are final, and so is `stored` when Azure is not configured. */
export const VIDEO_STATUSES = [
  'discovered',
  'downloaded',
  'stored',
  'mirrored',
  'retrying',
  'failed',
  'skipped',
] as const;
export type VideoStatus = (typeof VIDEO_STATUSES)[number];

/** The status in which a video waits for its stage. */
export const STATUS_BEFORE = {
  download: 'discovered',
  upload: 'downloaded',
  sync: 'stored',
} as const satisfies Record<Stage, VideoStatus>;

/** Why a video is skipped: `ignored` and `deleted` by a person, all others by a filter. */
export const SKIP_REASONS = [
  'too_short',
  'too_long',
  'title_not_included',
  'title_excluded',
  'too_old',
  'too_new',
  'was_live',
  'short',
  'beyond_newest',
  'unavailable',
  'ignored',
  'deleted',
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** Decisions of a person, which no listing and no `--force` overrides. */
export const PERSON_SKIP_REASONS: readonly SkipReason[] = ['ignored', 'deleted'];
