import type { ErrorClass } from '../../domain/error-classes.ts';
import type { VideoStatus } from '../../domain/video-status.ts';

/** How many videos are shown without --limit. */
export const LISTED = 50;
/** Videos changed by one call. */
export const MAX_CHANGED = 10_000;

/** What a call can do with videos: one thing only. */
export const CHANGES = ['retry', 'skip', 'unskip', 'redownload', 'remirror', 'delete'] as const;
export type Change = (typeof CHANGES)[number];

type Flag = Change | 'everywhere' | 'show' | 'json' | 'csv' | 'jsonl';

export interface VideosOptions extends Partial<Record<Flag, boolean>> {
  readonly status?: VideoStatus;
  readonly playlist?: string;
  readonly title?: string;
  readonly channel?: string;
  readonly class?: ErrorClass;
  readonly language?: string;
  readonly limit?: number;
}

/** The options that choose videos where no ids are given. */
export const FILTERS = ['status', 'playlist', 'title', 'channel', 'class', 'language'] as const;
