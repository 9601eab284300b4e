import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { FeedAddressDocument } from '../database/collections/feed-address.ts';
import type { Database } from '../database/database.ts';
import { audited, type Actor } from './audited.ts';

/** 256 bits: nobody finds one by trying. */
const SECRET_BYTES = 32;
const SECRET_FORMAT = /^[\w-]{43}$/;
/** Of one feed; each listener or device may have one of its own. */
export const MAX_ADDRESSES = 100;
/** In the audit, in the place of a playlist. */
const ALL_FEEDS = 'all feeds';

export const feedAddressNameInput = z.string().trim().min(1).max(100);
export const feedAddressIdInput = z.string().regex(/^[\w-]{43}$/);

/** A secret address as it is shown later: without its secret, of which only the hash is kept. */
export type FeedAddressRow = ReturnType<typeof toRow>;

/** `secret`: part of the address, shown this once. `full`: the feed has 100 addresses already. */
export type MadeAddress =
  { readonly outcome: 'made'; readonly secret: string } | { readonly outcome: 'full' | 'unknown' };

/**
 * Makes a secret address of a feed, which players use without a login. Only the hash of the secret is kept: who reads the
 * database or a snapshot of it cannot hear the archive. Whoever has lost the address makes another one.
 * @param playlistId null for all feeds
 */
export async function makeFeedAddress(
  playlistId: string | null,
  name: string,
  actor: Actor,
  { database }: { readonly database: Database },
): Promise<MadeAddress> {
  const { feedAddresses, playlists } = database;
  if (playlistId !== null && !isWanted(await playlists.findById(playlistId))) return { outcome: 'unknown' };
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  const address = {
    ...{ _id: hashOfSecret(secret), playlist_id: playlistId, name },
    ...{ made_by: actor.user ?? null, made_at: new Date(), last_used_at: null },
  };
  // What the work returns is kept in the audit: never the secret.
  const outcome = await audited(database, actor, targetOf('feeds.make address', playlistId), async () => {
    if ((await feedAddresses.countOf(playlistId)) >= MAX_ADDRESSES) return 'full' as const;
    await feedAddresses.add(address);
    return 'made' as const;
  });
  return outcome === 'made' ? { outcome, secret } : { outcome };
}

/**
 * Ends a secret address, now and on all dashboards.
 * @param id as `listFeedAddresses` names it
 * @returns false when the feed has no such address
 */
export async function revokeFeedAddress(
  id: string,
  playlistId: string | null,
  actor: Actor,
  { database }: { readonly database: Database },
): Promise<boolean> {
  return await audited(database, actor, targetOf('feeds.revoke address', playlistId), () =>
    database.feedAddresses.remove(id, playlistId),
  );
}

/** The secret addresses of a feed, or with null those of all feeds; the latest first. */
export async function listFeedAddresses(
  playlistId: string | null,
  { feedAddresses }: Pick<Database, 'feedAddresses'>,
): Promise<FeedAddressRow[]> {
  return (await feedAddresses.of(playlistId)).map(toRow);
}

/** The hash by which an address is found; undefined for a text that is no secret of an address. */
export function hashOfAddress(secret: string): string | undefined {
  return SECRET_FORMAT.test(secret) ? hashOfSecret(secret) : undefined;
}

/** SHA-256 and not a slow hash: there is nothing to guess in 256 random bits. */
function hashOfSecret(secret: string): string {
  return createHash('sha256').update(`sonotheque-feed\n${secret}`).digest('base64url');
}

function targetOf(operation: string, playlistId: string | null) {
  return { operation, targets: [playlistId ?? ALL_FEEDS] };
}

function isWanted(playlist: { readonly forgotten_at?: Date | null } | undefined): boolean {
  return playlist !== undefined && !playlist.forgotten_at;
}

function toRow(address: FeedAddressDocument) {
  return {
    id: address._id,
    name: address.name,
    madeBy: address.made_by ?? null,
    madeAt: address.made_at,
    lastUsedAt: address.last_used_at ?? null,
  };
}
