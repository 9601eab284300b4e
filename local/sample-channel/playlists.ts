import type { PlaylistFault } from './faults.ts';
import type { PlaylistLayout } from './definitions.ts';

/** One row of a playlist as the page shows it. */
export interface PlaylistRow {
  readonly videoId: string;
  readonly title: string | null;
  /** Undefined for live, upcoming, private and deleted videos, for which the page shows none. */
  readonly durationSeconds?: number | undefined;
  /** False for private and deleted videos. */
  readonly hasChannel: boolean;
  readonly badge?: 'live' | 'upcoming' | 'was-live' | 'short' | undefined;
  /** The row is a playlist, and `videoId` its id. */
  readonly isPlaylist?: boolean;
}

/** A playlist; rows are made on demand, so that a very long one needs no memory. */
export interface SamplePlaylist {
  readonly id: string;
  readonly title: string;
  readonly layout: PlaylistLayout | 'channel';
  /** The tab of the channel; "videos" when undefined. */
  readonly tab?: string;
  readonly pageSize: number;
  /** Infinity for a playlist that never ends. */
  readonly length: number;
  /** The count in the header; not shown when undefined. */
  readonly announcedCount?: number | undefined;
  readonly fault?: PlaylistFault;
  rowAt(index: number): PlaylistRow;
}

/** YouTube's ids of playlists: `PL` and 32 characters. */
export const playlistId = (name: string): string => `PLsample-${name}-`.padEnd(34, '0');

const GENERATED = /^PLsample-generated-(\d{1,6})-(lockup-)?0*$/;
const YOUTUBE_PAGE_SIZE = 100;

/** The id of the playlist of `count` generated videos that all play. */
export const generatedPlaylistId = (count: number, layout: PlaylistLayout = 'list'): string =>
  playlistId(`generated-${count}${layout === 'lockup' ? '-lockup' : ''}`);

/** Ids of generated videos: `gen` and eight digits. */
export const GENERATED_VIDEO_ID = /^gen(\d{8})$/;

const generatedVideoId = (index: number): string => `gen${String(index).padStart(8, '0')}`;

/** The generated playlist with an id: any count, pages of 100 as at YouTube. */
export function generatedPlaylist(
  id: string,
  rowOf: (videoId: string) => PlaylistRow,
): SamplePlaylist | undefined {
  const [, digits, lockup] = GENERATED.exec(id) ?? [];
  if (digits === undefined) return undefined;
  const count = Number(digits);
  return {
    id,
    title: `${count} generated recordings`,
    layout: lockup === undefined ? 'list' : 'lockup',
    pageSize: YOUTUBE_PAGE_SIZE,
    length: count,
    announcedCount: count,
    rowAt: (index) => rowOf(generatedVideoId(index)),
  };
}

/** A playlist that never ends; each page has a new token. */
export function endlessPlaylist(id: string, rowOf: (videoId: string) => PlaylistRow): SamplePlaylist {
  return {
    id,
    title: 'A list without an end',
    layout: 'list',
    pageSize: YOUTUBE_PAGE_SIZE,
    length: Infinity,
    rowAt: (index) => rowOf(generatedVideoId(index)),
  };
}

/** A playlist of given rows. */
export function playlistOfRows(
  playlist: Omit<SamplePlaylist, 'length' | 'rowAt'>,
  rows: readonly PlaylistRow[],
): SamplePlaylist {
  const { announcedCount = rows.length, ...rest } = playlist;
  return {
    ...rest,
    announcedCount,
    length: rows.length,
    rowAt: (index) => {
      const row = rows[index];
      if (row === undefined) throw new RangeError(`Playlist ${playlist.id} has no row ${index}.`);
      return row;
    },
  };
}
