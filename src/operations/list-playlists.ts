import { z } from 'zod';
import type { PlaylistDocument } from '../database/collections/playlist.ts';
import type { Database } from '../database/database.ts';
import { ITEM_SELECTIONS, type PlaylistItem } from '../database/playlist-contents.ts';
import { shownAddress } from '../domain/shown-address.ts';
import { VIDEO_STATUSES } from '../domain/video-status.ts';
import { describeSettings, type PlaylistSettings } from './playlist-settings.ts';

/**
 * How the reading of a playlist is: its last one failed, ended early, has not been made yet, or was complete; or a person
 * paused it, or forgot it. The worst first.
 */
export const PLAYLIST_STATES = ['failed', 'incomplete', 'unread', 'complete', 'paused', 'forgotten'] as const;
export type PlaylistState = (typeof PLAYLIST_STATES)[number];

/** What is shown of all playlists. */
export const playlistListInput = z.object({
  /** A part of the title, address or id; letter case does not matter. */
  text: z.string().trim().max(200).optional(),
  state: z.enum(PLAYLIST_STATES).optional(),
  /** Where the last page ended. */
  cursor: z.string().max(2_000).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export type PlaylistListInput = z.output<typeof playlistListInput>;

/** What is shown of the items of one playlist. */
export const playlistItemsInput = z.object({
  selection: z.enum(ITEM_SELECTIONS).default('all'),
  cursor: z.string().max(2_000).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export type PlaylistItemsInput = z.output<typeof playlistItemsInput>;

export type PlaylistSummary = ReturnType<typeof summaryOf>;
export type PlaylistItemRow = ReturnType<typeof itemRow>;

/** One page of the playlists that match, the worst first, without the forgotten ones. */
export async function listPlaylists(
  { text, state, cursor, limit }: PlaylistListInput,
  { playlists }: Database,
) {
  const wanted = text?.toLowerCase() ?? '';
  const all = (await playlists.all()).map(summaryOf);
  const matching = all
    .filter(
      (playlist) =>
        (state === undefined || playlist.state === state) &&
        [playlist.title ?? '', playlist.url, playlist.id].some((field) =>
          field.toLowerCase().includes(wanted),
        ),
    )
    .map((playlist) => ({ playlist, place: placeOf(playlist) }))
    .sort((one, other) => comparePlaces(one.place, other.place));
  const after = cursor === undefined ? undefined : readCursor(cursor, placeSchema);
  const start = after === undefined ? 0 : matching.findIndex(({ place }) => comparePlaces(place, after) > 0);
  const page = start < 0 ? [] : matching.slice(start, start + limit);
  const last = page.at(-1);
  const hasMore = start >= 0 && start + limit < matching.length;
  return {
    playlists: page.map(({ playlist }) => playlist),
    /** How many match, and how many there are. */
    matching: matching.length,
    total: all.length,
    next: hasMore && last !== undefined ? writeCursor(last.place) : null,
  };
}

/** One playlist, with its settings and the number of playlists that were found in it; undefined when it is unknown. */
export async function showPlaylist(
  id: string,
  { playlists, playlistDecisions }: Database,
): Promise<PlaylistDetails | undefined> {
  const playlist = await playlists.findById(id);
  if (playlist === undefined) return undefined;
  const [, ...nested] = await playlistDecisions.withNested(id);
  return { ...summaryOf(playlist), settings: describeSettings(playlist.settings), nested };
}

export interface PlaylistDetails extends PlaylistSummary {
  readonly settings: PlaylistSettings;
  /** The ids of the playlists that were found in it, if it is a list of playlists. */
  readonly nested: readonly string[];
}

/** One page of the items of a playlist with the status of each; undefined when it is unknown. */
export async function listPlaylistItems(
  id: string,
  { selection, cursor, limit }: PlaylistItemsInput,
  { playlists, playlistContents }: Database,
) {
  const playlist = await playlists.findById(id);
  if (playlist === undefined) return undefined;
  const after = cursor === undefined ? undefined : readCursor(cursor, itemCursorSchema);
  const { items, next } = await playlistContents.page(playlist, selection, limit, after);
  return { items: items.map(itemRow), next: next === undefined ? null : writeCursor(next) };
}

function stateOf({ forgotten_at: forgottenAt, enabled, error, complete }: PlaylistDocument): PlaylistState {
  if (forgottenAt) return 'forgotten';
  if (!enabled) return 'paused';
  if (error) return 'failed';
  if (complete === true) return 'complete';
  return complete === false ? 'incomplete' : 'unread';
}

function summaryOf(playlist: PlaylistDocument) {
  const { error, figures } = playlist;
  const announced = playlist.announced_count ?? null;
  const found = playlist.found_count ?? null;
  return {
    id: playlist._id,
    title: playlist.title ?? null,
    url: shownAddress(playlist.url),
    state: stateOf(playlist),
    /** How many entries the site says there are; null when it does not say. */
    announced,
    found,
    /** Announced and never seen. Null when it is not known. */
    missing: announced === null || found === null ? null : Math.max(0, announced - found),
    /** Counted at `at`; null until they have been counted once. */
    figures: figures
      ? {
          at: figures.at,
          statuses: Object.fromEntries(VIDEO_STATUSES.map((status) => [status, figures[status]])) as Record<
            (typeof VIDEO_STATUSES)[number],
            number
          >,
          stored: figures.stored + figures.mirrored,
          failed: figures.failed,
          skipped: figures.skipped,
          waiting: figures.discovered + figures.downloaded + figures.retrying,
          removed: figures.removed,
          unseen: figures.unseen,
          seconds: figures.seconds,
          bytes: figures.bytes,
        }
      : null,
    lastReadAt: playlist.last_expanded_at ?? null,
    nextReadAt: playlist.enabled ? (playlist.next_expand_at ?? null) : null,
    /** The list of playlists in which it was found. */
    listedBy: playlist.listed_by ?? null,
    error: error ? { class: error.class, message: error.message, advice: error.advice, at: error.at } : null,
  };
}

function itemRow({ item, video }: PlaylistItem) {
  return {
    id: item.video_id,
    position: item.position,
    title: video?.title ?? null,
    status: video?.status ?? null,
    /** Why it is skipped or failed. */
    reason: video?.skip_reason ?? video?.error?.class ?? null,
    durationSeconds: video?.audio?.duration ?? video?.duration ?? null,
    publishedAt: video?.published_at ?? null,
    firstSeenAt: item.first_seen_at,
    lastSeenAt: item.last_seen_at,
    /** When a whole reading did not find it any more. */
    removedAt: item.removed_at ?? null,
  };
}

const placeSchema = z.tuple([z.number(), z.string(), z.string()]);
type Place = z.output<typeof placeSchema>;
const itemCursorSchema = z.object({ position: z.number(), id: z.string() });

/** Where a playlist stands in the list: by its state, then by title. */
function placeOf({ state, title, id }: PlaylistSummary): Place {
  return [PLAYLIST_STATES.indexOf(state), (title ?? id).toLowerCase().slice(0, 100), id];
}

function comparePlaces([rank, title, id]: Place, [otherRank, otherTitle, otherId]: Place): number {
  if (rank !== otherRank) return rank - otherRank;
  if (title !== otherTitle) return title < otherTitle ? -1 : 1;
  return id === otherId ? 0 : id < otherId ? -1 : 1;
}

/** Opaque for clients. */
function writeCursor(place: unknown): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** @returns undefined for a text that is no cursor: the first page is shown. */
function readCursor<T>(text: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch {
    return undefined;
  }
}
