/** The table of what one of each takes, from which docs/scale.md is computed. */
export const FOOTPRINT = 'ONE OF EACH';
export const FOOTPRINT_ROWS = {
  waiting: 'video that waits (BSON)',
  mirrored: 'mirrored video (BSON)',
  attempt: 'attempt in logs (BSON)',
  item: 'item of a playlist (BSON)',
  job: 'job that waits (Redis)',
  object: 'object in a listing (MinIO)',
} as const;
