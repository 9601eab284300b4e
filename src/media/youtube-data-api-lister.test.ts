import { expect, test } from '@jest/globals';
import type { PlaylistReference } from './playlist-listing.ts';
import { isListedByDataApi } from './youtube-data-api-lister.ts';

const options = { signal: new AbortController().signal };

test.each<[boolean, Omit<PlaylistReference, 'url'>]>([
  [true, { kind: 'playlist', id: 'playlist.PLrAXtmErZgOeiKm4sgNOknGvNjby9efdf' }],
  [true, { kind: 'channel', id: 'handle.fonlanguage' }],
  [true, { kind: 'channel', id: 'channel.UCuAXFkgsw1L7xaCfnd5JJOw' }],
  // The API lists all uploads, never one tab of a channel.
  [false, { kind: 'channel', id: 'handle.fonlanguage~streams', tab: 'streams' }],
  [false, { kind: 'channel', id: 'channel.UCuAXFkgsw1L7xaCfnd5JJOw~playlists', tab: 'playlists' }],
  [false, { kind: 'channel', id: 'custom.somename' }],
  [false, { kind: 'channel', id: 'name.somename' }],
  [false, { kind: 'playlist', id: 'playlist.RDdQw4w9WgXcQ' }],
  [false, { kind: 'playlist', id: 'playlist.MPREb_gTAcphH99wE' }],
  [false, { kind: 'playlist', id: 'playlist.WL' }],
  [false, { kind: 'playlist', id: 'playlist.LM' }],
  [false, { kind: 'video', id: 'video.dQw4w9WgXcQ' }],
])('%s for %j', (isListed, reference) => {
  expect(isListedByDataApi({ ...reference, url: '' }, options)).toBe(isListed);
});
