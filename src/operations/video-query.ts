import { z } from 'zod';
import { DIRECTIONS, SORT_FIELDS, VIDEO_SORTS, type VideoOrder } from '../database/video-order.ts';
import type { VideoFilter } from '../database/video-search.ts';
import { definedFields } from '../domain/defined-fields.ts';
import { ERROR_CLASS_NAMES } from '../domain/error-classes.ts';
import { parseVideoDocumentId, parseVideoKey, videoDocumentId, type VideoKey } from '../domain/video-key.ts';
import { VIDEO_STATUSES } from '../domain/video-status.ts';
import { keyOfAddress } from './inputs.ts';

const MAX_TEXT_LENGTH = 200;

const text = z.string().trim().min(1).max(MAX_TEXT_LENGTH);

/** Which videos a list shows, and in which order: the fields of a form, a command, or the query string of an address. */
export const videoQuerySchema = z.object({
  status: z.enum(VIDEO_STATUSES).optional(),
  /** A part of the title, whatever its letter case; an id or an address of a video finds that one. */
  text: text.optional(),
  /** The id of a playlist, as lists show it. */
  playlist: text.optional(),
  /** The site's own id of a channel. */
  channel: text.optional(),
  /** The error class of failed and waiting videos. */
  class: z.enum(ERROR_CLASS_NAMES).optional(),
  /** Of the audio track that was chosen, as the source writes it: `en`, `fr-FR`. */
  language: text.optional(),
  /** `changed` without it. */
  sort: z.enum(VIDEO_SORTS).optional(),
  /** Without it the latest, longest and largest first, and titles from A. */
  order: z.enum(DIRECTIONS).optional(),
});

export type VideoQuery = z.output<typeof videoQuerySchema>;

/** The fields of a query that choose videos; the others only sort them. */
export const FILTER_NAMES = ['text', 'status', 'playlist', 'class', 'language', 'channel'] as const;
export type FilterName = (typeof FILTER_NAMES)[number];

export function orderOf({ sort = 'changed', order }: VideoQuery): VideoOrder {
  return { sort, direction: order ?? SORT_FIELDS[sort].usual };
}

/** Whether a query chooses among the videos at all. */
export function isFiltered(query: VideoQuery): boolean {
  return FILTER_NAMES.some((name) => query[name] !== undefined);
}

export function filterOf(query: VideoQuery): VideoFilter {
  return definedFields({
    ...textFilter(query.text),
    status: query.status,
    playlistId: query.playlist,
    channelId: query.channel,
    errorClass: query.class,
    language: query.language,
  });
}

/** An id of YouTube may also be a word of 11 letters in a title; an address and an id with its provider are nothing else. */
function textFilter(searched: string | undefined): Pick<VideoFilter, 'title' | 'id'> {
  if (searched === undefined) return {};
  const named = parseVideoDocumentId(searched);
  if (named !== undefined) return { id: videoDocumentId(named) };
  const bare = parseVideoKey('youtube', searched) ?? parseVideoKey('http', searched);
  if (bare !== undefined) return { id: videoDocumentId(bare), title: searched };
  const addressed = searched.includes('/') ? (keyOfAddress(searched) ?? keyWithinList(searched)) : undefined;
  return addressed === undefined ? { title: searched } : { id: videoDocumentId(addressed) };
}

/** The address of a video within a playlist names both; a list of videos is searched for the video. */
function keyWithinList(address: string): VideoKey | undefined {
  const url = URL.parse(address.includes('://') ? address : `https://${address}`);
  const isYoutube = url !== null && /^(?:www\.|m\.|music\.)?youtube\.com$/.test(url.hostname);
  return isYoutube ? parseVideoKey('youtube', url.searchParams.get('v')) : undefined;
}

/** The query string of these filters, with `?`; empty without any. @param more further fields, such as a cursor */
export function queryStringOf(
  query: VideoQuery,
  more: Readonly<Record<string, string | undefined>> = {},
): string {
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...query, ...more }))
    if (value !== undefined) fields.set(name, value);
  return fields.size === 0 ? '' : `?${fields.toString()}`;
}
