import type { VideoDescription } from './audio-downloader.ts';

/** The pages of a channel that can be listed, as in its addresses. */
export const CHANNEL_TABS = [
  'videos',
  'shorts',
  'streams',
  'live',
  'playlists',
  'releases',
  'podcasts',
] as const;
export type ChannelTab = (typeof CHANNEL_TABS)[number];

/** One parsed line of `playlist.txt`. */
export interface PlaylistReference {
  readonly kind: 'playlist' | 'channel' | 'video';
  /**
   * `_id` in `playlists`: `playlist.<id>`, `channel.<id>`, `handle.<name>`, `custom.<name>`, `user.<name>` or
   * `name.<name>` (names in lower case), with `~<tab>` for one tab of a channel; or `video.<id>`.
   */
  readonly id: string;
  /** The canonical address, rebuilt from the id: nothing of the line itself is used. */
  readonly url: string;
  /** One tab of the channel; left out: all its uploads. `live` is the video that it broadcasts at the moment. */
  readonly tab?: ChannelTab;
}

/** One entry of a playlist as the site lists it; all metadata but the address may be missing. */
export interface PlaylistEntry {
  readonly videoId: string;
  /** 1-based. */
  readonly position: number;
  readonly metadata: VideoDescription;
  readonly availability: 'available' | 'private' | 'deleted';
  readonly live: 'no' | 'was_live' | 'is_live' | 'is_upcoming';
  readonly isShort: boolean;
  /** The latest possible date, where the site shows only an age such as "2 years ago". */
  readonly publishedBefore?: Date;
}

/** What a listing yields, in order: the list itself (possibly more than once), then its entries. */
export type ListingEvent =
  | { readonly type: 'playlist'; readonly title?: string; readonly announcedCount?: number }
  | { readonly type: 'entry'; readonly entry: PlaylistEntry }
  /** A playlist in a list of playlists, such as the tab of a channel's albums. */
  | { readonly type: 'nested'; readonly playlist: PlaylistReference }
  /** An unreadable entry or another problem; the listing continues but is not complete. */
  | { readonly type: 'problem'; readonly reason: string };

export interface PlaylistLister {
  /**
   * Lists a playlist page by page: the first entry comes before the last page is read.
   * @throws JobError
   */
  list(reference: PlaylistReference, options: ListOptions): AsyncIterable<ListingEvent>;
}

export interface ListOptions {
  readonly signal: AbortSignal;
  /** The most entries. */
  readonly newest?: number;
  /**
   * Lists a channel by its tabs, which reliably separate broadcasts and shorts, instead of by its list of all uploads,
   * which is in the order of publication and announces its length.
   */
  readonly byTabs?: boolean;
}
