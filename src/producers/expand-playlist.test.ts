import { describe, expect, test } from '@jest/globals';
import type { Database } from '../database/database.ts';
import type { ListingEvent, PlaylistLister, PlaylistReference } from '../media/playlist-listing.ts';
import { previewPlaylist } from './expand-playlist.ts';

const listerOf = (...events: readonly ListingEvent[]): PlaylistLister => ({
  // eslint-disable-next-line @typescript-eslint/require-await -- it is one of several listings
  list: async function* () {
    yield* events;
  },
});
const nested = (name: string): ListingEvent => ({
  type: 'nested',
  playlist: {
    kind: 'playlist',
    id: `playlist.${name}`,
    url: `https://www.youtube.com/playlist?list=${name}`,
  },
});
const list: PlaylistReference = { kind: 'playlist', id: 'playlist.PLx', url: '' };
const preview = (lister: PlaylistLister, reference = list, known?: number) =>
  previewPlaylist(reference, {
    lister,
    filters: { live: true, shorts: true },
    signal: new AbortController().signal,
    database:
      known === undefined
        ? undefined
        : ({
            playlists: {
              countKnown: () => Promise.resolve(known),
              findById: () => Promise.resolve(undefined),
            },
          } as unknown as Database),
  });

describe('an empty listing', () => {
  const empty = listerOf({ type: 'playlist', title: 'Mine', announcedCount: 0 });

  test('of a list that had entries is not complete', async () => {
    expect(await preview(empty, list, 7)).toMatchObject({
      found: 0,
      complete: false,
      problems: [expect.stringContaining('7')],
    });
  });

  test('of a new list is complete', async () => {
    expect(await preview(empty, list, 0)).toMatchObject({ complete: true, problems: [] });
  });

  test('of what a channel broadcasts is complete: usually there is nothing', async () => {
    expect(await preview(empty, { ...list, kind: 'channel', tab: 'live' }, 7)).toMatchObject({
      complete: true,
    });
  });
});

test('the playlists of a list of playlists are returned, each once', async () => {
  const result = await preview(listerOf(nested('PLa'), nested('PLb'), nested('PLa')));
  expect(result).toMatchObject({ found: 3, repeated: 1, accepted: 0, complete: true });
  expect(result.playlists.map(({ id, isNew }) => [id, isNew])).toEqual([
    ['playlist.PLa', true],
    ['playlist.PLb', true],
  ]);
});
