import type { Request } from 'express';
import { z } from 'zod';
import type { Database } from '../../database/database.ts';
import type { Actor } from '../../operations/audited.ts';
import {
  feedAddressIdInput,
  feedAddressNameInput,
  makeFeedAddress,
  MAX_ADDRESSES,
  revokeFeedAddress,
} from '../../operations/feed-addresses.ts';
import type { NewAddress } from './feed-addresses-view.ts';
import { feedLinks, publicBase } from './feed-links.ts';
import { SECRET_FEEDS_PATH } from './secret-feed-routes.ts';

const formSchema = z.discriminatedUnion('action', [
  z.object({ action: z.literal('make'), name: z.string().catch('') }),
  z.object({ action: z.literal('revoke'), id: feedAddressIdInput }),
]);

/** What came of a form about secret addresses: an address to show now, or where to go. */
export type FeedFormResult =
  | { readonly type: 'made'; readonly made: NewAddress }
  | { readonly type: 'revoked'; readonly isKnown: boolean }
  | { readonly type: 'not_found' };

/**
 * Makes or ends a secret address.
 * @param playlistId null for all feeds
 */
export async function runFeedForm(
  request: Request,
  playlistId: string | null,
  actor: Actor,
  { database, publicUrl }: { readonly database: Database; readonly publicUrl: string | undefined },
): Promise<FeedFormResult> {
  const { data: form } = formSchema.safeParse(request.body);
  if (form === undefined) return { type: 'not_found' };
  if (form.action === 'revoke') {
    return { type: 'revoked', isKnown: await revokeFeedAddress(form.id, playlistId, actor, { database }) };
  }
  const name = feedAddressNameInput.safeParse(form.name);
  if (!name.success) return { type: 'made', made: { outcome: 'name_needed' } };
  const result = await makeFeedAddress(playlistId, name.data, actor, { database });
  switch (result.outcome) {
    case 'unknown':
      return { type: 'not_found' };
    case 'full':
      return { type: 'made', made: { outcome: 'full', most: MAX_ADDRESSES } };
    case 'made': {
      const base = `${publicBase(request, publicUrl)}${SECRET_FEEDS_PATH}/${result.secret}`;
      const address = playlistId === null ? `${base}/feeds.opml` : feedLinks(base).feed(playlistId);
      return { type: 'made', made: { outcome: 'made', address } };
    }
  }
}
