import { z } from 'zod';
import { documentSchema, optional, type DocumentOf } from '../document-schema.ts';

/** What one object, or the whole run, could not do. */
const problem = z.object({
  /** Of the object; the container where all of it is concerned. */
  name: z.string(),
  /** An error class. */
  class: z.string(),
  message: z.string(),
});

/** How bucket and container compared, and what a run of the mirror did about it. */
const mirrorReport = z.object({
  _id: z.string(),
  /** `sweep` copied what was missing; `verify` compared only. */
  kind: z.enum(['sweep', 'verify']),
  trigger: z.enum(['schedule', 'command']),
  bucket: z.string(),
  container: z.string(),
  started_at: z.date(),
  finished_at: z.date(),
  /** Objects in the bucket. */
  objects: z.number(),
  /** Found missing or in another version in the container when the run began: what the copies of the uploads had missed. */
  found: z.number(),
  /** Blobs without an object. */
  extra: z.number(),
  copied: z.number(),
  copied_bytes: z.number(),
  /** Objects whose blob is missing, different or damaged at the end. */
  drift: z.number(),
  /** The comparison covered the whole bucket: no listing failed, and no prefix or pattern left anything out. */
  complete: z.boolean(),
  /** In how many shards the bucket was compared; 1 for a run in one process. */
  shards: z.number(),
  /** The first of the problems. */
  problems: z.array(problem),
  /** Why the run, or a shard of it, ended before its time. */
  error: optional(z.string()),
});

export type MirrorReportDocument = DocumentOf<typeof mirrorReport>;

export const mirrorReportSchema = documentSchema(mirrorReport, [
  [{ finished_at: -1 }],
  [{ bucket: 1, container: 1, finished_at: -1 }],
]);
