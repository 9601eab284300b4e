import { z } from 'zod';
import { ROLES } from '../../domain/role.ts';
import { documentSchema, optional, type DocumentOf } from '../document-schema.ts';
import { AUDIT_VIAS } from './audit.ts';

/** A token with which a program uses the API. The token itself is nowhere: only what recognises it. */
const token = z.object({
  /** The name that a person gave it. */
  _id: z.string(),
  /** The part of the token that is no secret, by which it is found. */
  token_id: z.string(),
  /** SHA-256 of the whole token, in base64url. */
  hash: z.string(),
  role: z.enum(ROLES),
  /** The login of who made it, or the user of the machine; null where nobody had to log in. */
  made_by: optional(z.string()),
  made_via: z.enum(AUDIT_VIAS),
  created_at: z.date(),
  expires_at: optional(z.date()),
  /** Correct to a minute. */
  last_used_at: optional(z.date()),
});

export type TokenDocument = DocumentOf<typeof token>;

export const tokenSchema = documentSchema(token, [[{ token_id: 1 }, { unique: true }]]);
