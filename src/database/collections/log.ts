import { z } from 'zod';
import { ERROR_CLASS_NAMES } from '../../domain/error-classes.ts';
import { STAGES } from '../../domain/video-status.ts';
import { documentSchema, optional, type DocumentOf } from '../document-schema.ts';

/** One attempt of a job. */
const log = z.object({
  /** The video's `_id`. */
  video_id: z.string(),
  url: z.string(),
  title: optional(z.string()),
  status: z.enum(['success', 'failed']),
  timestamp: z.date(),
  retry_attempts: z.number(),
  last_retry: optional(z.date()),
  error: optional(z.string()),
  error_class: optional(z.enum(ERROR_CLASS_NAMES)),
  stage: z.enum(STAGES),
  round: z.number(),
  /** 1 for the first attempt within the queue. */
  attempt: z.number(),
  duration_ms: z.number(),
  worker: z.string(),
});

export type LogDocument = DocumentOf<typeof log>;

export const logSchema = documentSchema(log, [
  [{ video_id: 1, timestamp: 1 }],
  [{ timestamp: 1 }],
  [{ status: 1 }],
]);
