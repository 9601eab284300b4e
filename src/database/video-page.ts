import type { VideoDocument } from './collections/video.ts';

/** What a list reads of each video: not the long texts. */
export const LISTED = { description: 0, tags: 0 } as const;

/** One page of a list of videos. */
export interface VideoPage {
  /** In the order of the list, also when it was read backwards. */
  readonly videos: readonly VideoDocument[];
  /** Whether the list goes on in the direction in which it was read. */
  readonly hasMore: boolean;
  /** How many videos match; left out where reading a page does not tell. */
  readonly total?: number;
}
