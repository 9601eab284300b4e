import { z } from 'zod';
import { documentSchema, optional, type DocumentOf } from '../document-schema.ts';

/** How a person reached the program. */
export const AUDIT_VIAS = ['command', 'page', 'api'] as const;

/** One thing that a person did. */
const audit = z.object({
  _id: z.string(),
  at: z.date(),
  /** The login, or the name of the user on the machine; null when it is not known. */
  user: optional(z.string()),
  via: z.enum(AUDIT_VIAS),
  /** Such as `videos.skip`. */
  operation: z.string(),
  /** The `_id`s of videos and playlists, names of addresses, directories. */
  targets: z.array(z.string()),
  /** The row of the operation on many videos of which this is one batch. */
  part_of: optional(z.string()),
  /** What came of it. Null while it is not known: the operation is running, or was cut off. */
  result: optional(z.unknown()),
});

export type AuditDocument = DocumentOf<typeof audit>;

export const auditSchema = documentSchema(audit, [[{ at: 1 }], [{ targets: 1, at: 1, _id: 1 }]]);
