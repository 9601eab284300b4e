import type { EgressAddress } from '../domain/egress-address.ts';
import { toJobError } from '../domain/job-errors.ts';
import type { PlaylistLister } from '../media/playlist-listing.ts';
import { attributeRefusal, type Egress } from './egress.ts';

/**
 * A lister each of whose listings is one start through an egress address.
 * @throws SnoozeError `egress_rest` (from the listing) when none may be made now.
 */
export function createRateLimitedLister(
  egress: Egress,
  listerOf: (address: EgressAddress) => PlaylistLister,
): PlaylistLister {
  return {
    list: async function* (reference, options) {
      const start = await egress.begin('listing', reference.id);
      try {
        for await (const event of listerOf(start.address).list(reference, options)) {
          if (event.type === 'entry' || event.type === 'nested') start.confirm();
          yield event;
        }
        await start.succeed();
      } catch (thrown) {
        const error = egress.ofAddress(toJobError(thrown, options.signal), start);
        throw attributeRefusal(await start.fail(error));
      } finally {
        await start.abandon();
      }
    },
  };
}
