import { z } from 'zod';
import { documentSchema, type DocumentOf } from '../document-schema.ts';

/** How many videos are in each group, where they are too many to be counted for each who asks (src/database/video-counts.ts). */
const keptCount = z.object({
  /** What is counted. */
  _id: z.string(),
  groups: z.array(z.object({ name: z.string(), count: z.number() })),
  /** When the count began. */
  counted_at: z.date(),
  took_ms: z.number(),
});

export type KeptCountDocument = DocumentOf<typeof keptCount>;

export const keptCountSchema = documentSchema(keptCount, []);
