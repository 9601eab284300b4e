import { z } from 'zod';
import type { TokenDocument } from '../database/collections/token.ts';
import type { Database } from '../database/database.ts';
import { ROLES } from '../domain/role.ts';
import { audited, type Actor } from './audited.ts';
import { newToken } from './token-secret.ts';

const MAX_DAYS = 3_650;
const DAY_MS = 24 * 3_600_000;

/** Starts with a letter or a digit, so that it is no option of a command. */
export const tokenNameInput = z
  .string()
  .trim()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,63}$/u, 'The name may have up to 64 letters, digits and . _ @ -');

export const tokenInput = z.object({
  name: tokenNameInput,
  role: z.enum(ROLES),
  /** Without it the token has no end. */
  expiresInDays: z.int().min(1).max(MAX_DAYS).exactOptional(),
});

export type TokenRow = ReturnType<typeof toRow>;

/** `taken`: there is a token of this name. */
export type AddedToken =
  | { readonly outcome: 'added'; readonly token: string; readonly row: TokenRow }
  | { readonly outcome: 'taken' };

/** Makes a token for the API. It is returned this once: only its hash is kept. */
export async function addToken(
  { name, role, expiresInDays }: z.output<typeof tokenInput>,
  actor: Actor,
  { database }: { readonly database: Database },
): Promise<AddedToken> {
  const { token, tokenId, hash } = newToken();
  const at = new Date();
  const document: TokenDocument = {
    ...{ _id: name, token_id: tokenId, hash, role, created_at: at, last_used_at: null },
    ...{ made_by: actor.user ?? null, made_via: actor.via },
    expires_at: expiresInDays === undefined ? null : new Date(at.getTime() + expiresInDays * DAY_MS),
  };
  const target = { operation: `tokens.add ${role}`, targets: [name] };
  // What this returns is recorded in the audit: never the token.
  const outcome = await audited(database, actor, target, async () =>
    (await database.tokens.add(document)) ? ('added' as const) : ('taken' as const),
  );
  return outcome === 'added' ? { outcome, token, row: toRow(document) } : { outcome };
}

/** Ends a token now, for good. @returns false when there is none of this name. */
export async function revokeToken(
  name: string,
  actor: Actor,
  { database }: { readonly database: Database },
): Promise<boolean> {
  return await audited(database, actor, { operation: 'tokens.revoke', targets: [name] }, () =>
    database.tokens.remove(name),
  );
}

/** All tokens by name, without what recognises them. */
export async function listTokens({ tokens }: Database): Promise<TokenRow[]> {
  return (await tokens.all()).map(toRow);
}

function toRow(token: TokenDocument) {
  return {
    name: token._id,
    role: token.role,
    madeBy: token.made_by ?? null,
    madeVia: token.made_via,
    createdAt: token.created_at,
    expiresAt: token.expires_at ?? null,
    lastUsedAt: token.last_used_at ?? null,
  };
}
