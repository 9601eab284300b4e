import { CHANNEL } from './channel.ts';
import { playlistId, type PlaylistRow, type SamplePlaylist } from './playlists.ts';

/** An album of YouTube Music: the id of its page, and of the playlist that the page names. */
export const ALBUM = {
  pageId: 'MPREb_sampleAlbum',
  playlistId: 'OLAK5uy_sampleAlbum00000000000000',
} as const;

/** What the tabs besides "Videos" list. Videos of the tabs are not in the channel's uploads. */
const TABS: Readonly<
  Record<string, { readonly badge?: PlaylistRow['badge']; readonly ids: readonly string[] }>
> = {
  streams: { badge: 'was-live', ids: ['gen00000101', 'gen00000102', 'gen00000103'] },
  shorts: { badge: 'short', ids: ['gen00000201', 'gen00000202'] },
  playlists: { ids: [playlistId('stories'), playlistId('songs'), playlistId('private')] },
  releases: { ids: [ALBUM.playlistId] },
  podcasts: { ids: [playlistId('songs')] },
};
export const TAB_NAMES: readonly string[] = Object.keys(TABS);

/** The id under which the catalogue has a tab. */
export const tabId = (tab: string): string => (tab === 'videos' ? CHANNEL.id : `${CHANNEL.id}-${tab}`);

/** The tabs besides "Videos", by what their rows show. */
export function channelTabs(
  rowOf: (videoId: string) => PlaylistRow,
  titleOf: (playlistId: string) => string | undefined,
): readonly (Omit<SamplePlaylist, 'length' | 'rowAt'> & { readonly rows: readonly PlaylistRow[] })[] {
  return Object.entries(TABS).map(([tab, { badge, ids }]) => ({
    id: tabId(tab),
    title: CHANNEL.title,
    layout: 'channel',
    tab,
    pageSize: 2,
    rows: ids.map((id) =>
      id.startsWith('gen')
        ? { ...rowOf(id), badge }
        : { videoId: id, title: titleOf(id) ?? null, hasChannel: true, isPlaylist: true },
    ),
  }));
}
