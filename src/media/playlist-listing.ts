import type { VideoDescription } from './audio-downloader.ts';

/** One parsed line of `playlist.txt`. */
export interface PlaylistReference {
  readonly kind: 'playlist' | 'channel' | 'video';
  /**
   * `_id` in `playlists`: `playlist.<id>`, `channel.<id>`, `handle.<name>`, `custom.<name>` or `user.<name>` (names
   * in lower case); or `video.<id>`.
   */
  readonly id: string;
  /** The canonical address, rebuilt from the id: nothing of the line itself is used. */
  readonly url: string;
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
