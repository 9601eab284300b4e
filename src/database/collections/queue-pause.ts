import { z } from 'zod';
import { QUEUE_NAMES } from '../../domain/queues.ts';
import { documentSchema, optional, type DocumentOf } from '../document-schema.ts';
import { AUDIT_VIAS } from './audit.ts';

/** A queue that a person has paused. */
const queuePause = z.object({
  /** The name of the queue. */
  _id: z.enum(QUEUE_NAMES),
  at: z.date(),
  user: optional(z.string()),
  via: z.enum(AUDIT_VIAS),
});

export type QueuePauseDocument = DocumentOf<typeof queuePause>;

export const queuePauseSchema = documentSchema(queuePause, []);
