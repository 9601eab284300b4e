import { ALBUM } from './channel-tabs.ts';
import { CHANNEL } from './channel.ts';
import { FIXED_VIDEO_FAULTS } from './faults.ts';
import { DUPLICATE_IDS, ODD_TITLES } from './odd-rows.ts';
import { playlistId, type SamplePlaylist } from './playlists.ts';
import { FLAKY_VIDEO_ID, PRIVATE_VIDEO_ID, SAMPLE_VIDEOS } from './sample-videos.ts';

/** Ids of the playlists with fixed contents, by their purpose. */
export const PLAYLIST_IDS = {
  /** Old layout; shares three videos with `songs`; contains the private and the flaky video. */
  stories: playlistId('stories'),
  /** New layout; shares three videos with `stories`. */
  songs: playlistId('songs'),
  /** Every video that always fails. */
  faults: playlistId('faults'),
  oddTitles: playlistId('odd-titles'),
  /** Private, deleted, live, upcoming, past live and short rows. */
  oddRows: playlistId('odd-rows'),
  duplicates: playlistId('duplicates'),
  empty: playlistId('empty'),
  endless: playlistId('endless'),
  /** Announces 20 and shows 7. */
  endsEarly: playlistId('ends-early'),
  /** The second of three pages always fails with 500. */
  brokenPage: playlistId('broken-page'),
  /** Every page names itself as the next one. */
  loop: playlistId('loop'),
  private: playlistId('private'),
  unresolvable: playlistId('unresolvable'),
} as const;

export type FixedPlaylist = Pick<
  SamplePlaylist,
  'id' | 'title' | 'layout' | 'pageSize' | 'announcedCount' | 'fault'
> & {
  readonly videoIds: readonly string[];
};

const ids = SAMPLE_VIDEOS.map((video) => video.id);
/** Small pages, so that twelve videos need several. */
const plain = { layout: 'list', pageSize: 4 } as const;

/** The playlists that consist of known videos. */
export const FIXED_PLAYLISTS: readonly FixedPlaylist[] = [
  {
    ...plain,
    id: PLAYLIST_IDS.stories,
    title: 'Stories',
    videoIds: [...ids.slice(0, 5), FLAKY_VIDEO_ID, PRIVATE_VIDEO_ID],
  },
  {
    ...plain,
    id: PLAYLIST_IDS.songs,
    title: 'Voices',
    layout: 'lockup',
    videoIds: ids.slice(2).filter((id) => id !== FLAKY_VIDEO_ID),
  },
  { ...plain, id: CHANNEL.uploadsPlaylistId, title: 'Uploads', videoIds: ids },
  { ...plain, id: CHANNEL.id, title: CHANNEL.title, layout: 'channel', videoIds: ids },
  { ...plain, id: ALBUM.playlistId, title: 'Album - Sample songs', videoIds: ids.slice(0, 3) },
  { ...plain, id: PLAYLIST_IDS.faults, title: 'Faults', videoIds: [...FIXED_VIDEO_FAULTS.keys()] },
  { ...plain, id: PLAYLIST_IDS.oddTitles, title: 'Odd titles', videoIds: Object.keys(ODD_TITLES) },
  { ...plain, id: PLAYLIST_IDS.duplicates, title: 'Duplicates', videoIds: DUPLICATE_IDS },
  { ...plain, id: PLAYLIST_IDS.empty, title: 'Empty', videoIds: [] },
  {
    ...plain,
    id: PLAYLIST_IDS.endsEarly,
    title: 'Ends early',
    announcedCount: 20,
    videoIds: ids.slice(0, 7),
  },
  {
    ...plain,
    id: PLAYLIST_IDS.brokenPage,
    title: 'A page is broken',
    fault: { kind: 'page-status', page: 1, status: 500 },
    videoIds: ids,
  },
  { ...plain, id: PLAYLIST_IDS.loop, title: 'Loop', fault: { kind: 'repeats-token' }, videoIds: ids },
  {
    ...plain,
    id: PLAYLIST_IDS.private,
    title: 'Private',
    fault: { kind: 'alert', text: 'This playlist is private.' },
    videoIds: ids,
  },
  {
    ...plain,
    id: PLAYLIST_IDS.unresolvable,
    title: 'Nowhere',
    fault: { kind: 'unresolvable' },
    videoIds: ids,
  },
];
