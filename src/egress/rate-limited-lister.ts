import type { EgressAddress } from '../config/egress-identities.ts';
import type { PlaylistLister } from '../media/playlist-listing.ts';
import { toJobError } from '../domain/job-errors.ts';
import type { Egress } from './egress.ts';

/**
 * A lister each of whose listings is one start through an identity.
 * @throws EgressRestError (from the listing) when none may be made now.
 */
export function createRateLimitedLister(
  egress: Egress,
  listerOf: (identity: EgressAddress) => PlaylistLister,
): PlaylistLister {
  return {
    list: async function* (reference, options) {
      const turn = await egress.begin('listing');
      try {
        for await (const event of listerOf(turn.address).list(reference, options)) {
          if (event.type === 'entry') turn.confirm();
          yield event;
        }
        await turn.succeed();
      } catch (thrown) {
        const error = toJobError(thrown, options.signal);
        await turn.fail(error);
        throw error;
      } finally {
        await turn.leave();
      }
    },
  };
}
