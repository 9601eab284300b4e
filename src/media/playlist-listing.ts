import type { VideoDescription } from './audio-downloader.ts';

/** One line of `playlist.txt`, understood. */
export interface PlaylistReference {
  readonly kind: 'playlist' | 'channel' | 'video';
  /**
   * `_id` in `playlists`: `playlist.<id>`, `channel.<id>`, `handle.<name>`, `custom.<name>` or `user.<name>` (names
   * in lower case); or `video.<id>`.
   */
  readonly id: string;
  /** The canonical address, rebuilt from the id: nothing of the line itself is passed on. */
  readonly url: string;
}

/** One entry of a playlist as the site lists it; all but the id and address may be missing. */
export interface PlaylistEntry {
  readonly videoId: string;
  /** 1-based place in the list. */
  readonly position: number;
  readonly metadata: VideoDescription;
  readonly availability: 'available' | 'private' | 'deleted';
  readonly live: 'no' | 'was_live' | 'is_live' | 'is_upcoming';
  readonly isShort: boolean;
  /** When only an age such as "2 years ago" is known: the latest date that it allows. */
  readonly publishedBefore?: Date;
}

/** What a listing yields, in order: what is known of the list (possibly more than once), then its entries. */
export type ListingEvent =
  | { readonly type: 'playlist'; readonly title?: string; readonly announcedCount?: number }
  | { readonly type: 'entry'; readonly entry: PlaylistEntry }
  /** An entry that could not be read; the listing goes on but is not complete. */
  | { readonly type: 'problem'; readonly reason: string };

/**
 * Lists a playlist, streaming: the first entry arrives before the last page is read.
 * @throws JobError of the class that the failure deserves.
 */
export interface PlaylistLister {
  list(reference: PlaylistReference, options: ListOptions): AsyncIterable<ListingEvent>;
}

/** What is wanted of a listing. */
export interface ListOptions {
  readonly signal: AbortSignal;
  /** Ends the listing after so many entries. */
  readonly newest?: number;
  /**
   * Lists a channel by its tabs, which tell broadcasts and shorts apart for certain, instead of by its list of all
   * uploads, which is in the order of publication and announces its length.
   */
  readonly byTabs?: boolean;
}
