import { z } from 'zod';
import { documentSchema, optional, type DocumentOf } from '../document-schema.ts';

/** A secret address of one feed, or of all, that players use without a login. */
const feedAddress = z.object({
  /** SHA-256 of the secret part of the address, which is not kept. */
  _id: z.string(),
  /** Null for all feeds. */
  playlist_id: optional(z.string()),
  /** Whom or what it is for, as a person called it. */
  name: z.string(),
  made_by: optional(z.string()),
  made_at: z.date(),
  last_used_at: optional(z.date()),
});

export type FeedAddressDocument = DocumentOf<typeof feedAddress>;

export const feedAddressSchema = documentSchema(feedAddress, [[{ playlist_id: 1, made_at: 1 }]]);
