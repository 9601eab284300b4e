import { z } from 'zod';
import { documentSchema, optional, type DocumentOf } from '../document-schema.ts';

/** The hours and bytes of the audio in the bucket, summed up to a moment. */
const audioTotal = z.object({
  /** Always `stored`: there is one. */
  _id: z.string(),
  /** Videos with a later `stored_at` are not part of it. */
  stored_before: z.date(),
  videos: z.number(),
  seconds: z.number(),
  bytes: z.number(),
  /** How long the count took; records of earlier versions do not say. */
  took_ms: optional(z.number()),
});

export type AudioTotalDocument = DocumentOf<typeof audioTotal>;

export const audioTotalSchema = documentSchema(audioTotal, []);
