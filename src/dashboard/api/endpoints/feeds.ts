import { z } from 'zod';
import {
  feedAddressIdInput,
  feedAddressNameInput,
  listFeedAddresses,
  makeFeedAddress,
  revokeFeedAddress,
} from '../../../operations/feed-addresses.ts';
import { feedLinks } from '../../feeds/feed-links.ts';
import { SECRET_FEEDS_PATH } from '../../feeds/secret-feed-routes.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { moment, playlistId } from '../fields.ts';
import { Problem } from '../problem.ts';

const ofFeed = {
  playlist: playlistId
    .optional()
    .meta({ description: 'The playlist of the feed; without it, that of all feeds.' }),
};

const address = z
  .object({
    id: z.string(),
    name: z.string(),
    madeBy: z.string().nullable(),
    madeAt: moment,
    lastUsedAt: moment.nullable(),
  })
  .meta({ id: 'FeedAddress', description: 'A secret address of a feed, without its secret.' });

export const feedEndpoints: readonly Endpoint[] = [
  endpoint({
    id: 'listFeedAddresses',
    ...{ method: 'get', path: '/feeds/addresses', subject: 'Feeds', role: 'viewer' },
    summary: 'Lists the secret addresses of a feed, the latest first.',
    description:
      'The feeds themselves are at `/feeds/ID.xml` with a login, and at their secret addresses without.',
    query: z.strictObject(ofFeed),
    answer: z.object({ items: z.array(address) }),
    handle: async ({ query: { playlist } }, { database }) => ({
      items: await listFeedAddresses(playlist ?? null, database),
    }),
  }),
  endpoint({
    id: 'makeFeedAddress',
    ...{ method: 'post', path: '/feeds/addresses', subject: 'Feeds', role: 'operator' },
    summary: 'Makes a secret address of a feed, for players that know no login. It is shown this once.',
    problems: ['not-found', 'conflict'],
    body: z.strictObject({
      ...ofFeed,
      name: feedAddressNameInput.meta({ description: 'Whose it is.', examples: ['phone'] }),
    }),
    answer: z.object({ address: z.string() }),
    handle: async ({ body: { playlist, name }, actor, base }, { database }) => {
      const made = await makeFeedAddress(playlist ?? null, name, actor, { database });
      if (made.outcome !== 'made') {
        if (made.outcome === 'unknown') return undefined;
        throw new Problem('conflict', { detail: 'The feed has too many: revoke one.' });
      }
      const below = `${base}${SECRET_FEEDS_PATH}/${made.secret}`;
      return { address: playlist === undefined ? `${below}/feeds.opml` : feedLinks(below).feed(playlist) };
    },
  }),
  endpoint({
    id: 'revokeFeedAddress',
    ...{ method: 'delete', path: '/feeds/addresses/{id}', subject: 'Feeds', role: 'operator' },
    summary: 'Ends a secret address, for good.',
    params: z.object({
      id: feedAddressIdInput.meta({ description: 'Its id.', examples: ['A'.repeat(43)] }),
    }),
    query: z.strictObject(ofFeed),
    answer: z.object({ id: z.string(), outcome: z.literal('revoked') }),
    handle: async ({ params: { id }, query: { playlist }, actor }, { database }) =>
      (await revokeFeedAddress(id, playlist ?? null, actor, { database }))
        ? { id, outcome: 'revoked' as const }
        : undefined,
  }),
];
