import { z } from 'zod';
import { documentSchema, optional, type DocumentOf } from '../document-schema.ts';

/** A collected document: one row for each content it has had. */
const document = z.object({
  /** The fingerprint: SHA-256 in hexadecimal over kind and identity. */
  _id: z.string(),
  source_id: z.string(),
  kind: z.string(),
  /** The run that inserted it, and in which of its steps. */
  run_id: z.string(),
  run_step: z.number().exactOptional(),
  /** Identifies the document across its revisions; null where the fingerprint does. */
  key: optional(z.string()),
  /** 1 for the first content seen under this key. */
  revision: z.number(),
  url: optional(z.string()),
  title: optional(z.string()),
  text: optional(z.string()),
  language: optional(z.string()),
  published_at: optional(z.date()),
  first_seen_at: z.date(),
  payload: optional(z.record(z.string(), z.unknown())),
  /** When MongoDB may remove it; for sources with a retention. */
  expire_at: optional(z.date()),
});

export type CollectedDocument = DocumentOf<typeof document>;

export const collectedDocumentSchema = documentSchema(document, [
  [{ source_id: 1, key: 1 }],
  [{ source_id: 1, first_seen_at: -1 }],
  [{ first_seen_at: -1 }],
  [{ expire_at: 1 }, { expireAfterSeconds: 0 }],
]);
