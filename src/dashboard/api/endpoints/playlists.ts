import { z } from 'zod';
import { AUDIO_PROFILES } from '../../../domain/audio.ts';
import { VIDEO_STATUSES } from '../../../domain/video-status.ts';
import { ITEM_SELECTIONS } from '../../../database/playlist-contents.ts';
import {
  listPlaylistItems,
  listPlaylists,
  PLAYLIST_STATES,
  showPlaylist,
} from '../../../operations/list-playlists.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { cursorOf, failure, moment, pageOf, pageQuery, playlistId } from '../fields.ts';

const count = z.number();
/** How old figures may be, and how long an answer about one playlist waits for newer ones. */
const COUNTED_AGAIN_MS = 10_000;
const COUNTING_MS = 1_000;

const playlist = z
  .object({
    ...{ id: z.string(), title: z.string().nullable(), url: z.string() },
    state: z
      .enum(PLAYLIST_STATES)
      .meta({ description: 'How its last reading ended; or a person paused or forgot it.' }),
    announced: count
      .nullable()
      .meta({ description: 'What the site says it has; null when it does not say.' }),
    found: count.nullable(),
    missing: count.nullable().meta({ description: 'Announced and never seen.' }),
    figures: z
      .object({
        at: moment,
        statuses: z.record(z.enum(VIDEO_STATUSES), count),
        ...{ stored: count, failed: count, skipped: count, waiting: count, removed: count, unseen: count },
        ...{ seconds: count, bytes: count },
      })
      .nullable()
      .meta({ description: 'What it contains, as counted at `at`.' }),
    ...{ lastReadAt: moment.nullable(), nextReadAt: moment.nullable() },
    listedBy: z.string().nullable().meta({ description: 'The list of playlists in which it was found.' }),
    error: failure.extend({ at: moment }).nullable(),
  })
  .meta({ id: 'Playlist' });

const limit = z.number().nullable();
export const playlistSettings = z
  .object({
    ...{ titleInclude: z.array(z.string()), titleExclude: z.array(z.string()) },
    ...{ minDurationSeconds: limit, maxDurationSeconds: limit },
    ...{ publishedAfter: moment.nullable(), publishedBefore: moment.nullable() },
    ...{ live: z.boolean().nullable(), shorts: z.boolean().nullable() },
    profile: z.enum(AUDIO_PROFILES).nullable(),
    priority: limit,
    language: z.string().nullable(),
  })
  .meta({ id: 'PlaylistSettings', description: 'Null: as the environment says.' });

const item = z
  .object({
    ...{ id: z.string(), position: count, title: z.string().nullable() },
    status: z.enum(VIDEO_STATUSES).nullable(),
    reason: z.string().nullable().meta({ description: 'Why it is skipped or failed.' }),
    durationSeconds: count.nullable(),
    ...{ publishedAt: moment.nullable(), firstSeenAt: moment, lastSeenAt: moment },
    removedAt: moment.nullable().meta({ description: 'When a whole reading did not find it any more.' }),
  })
  .meta({ id: 'PlaylistItem' });

const listCursor = cursorOf('playlists', z.string());
const itemCursor = cursorOf('playlist items', z.string());

export const playlistEndpoints: readonly Endpoint[] = [
  endpoint({
    id: 'listPlaylists',
    ...{ method: 'get', path: '/playlists', subject: 'Playlists', role: 'viewer' },
    summary: 'Lists playlists, the worst first.',
    query: z.strictObject({
      text: z.string().max(200).optional().meta({ description: 'A part of the title, address or id.' }),
      state: z.enum(PLAYLIST_STATES).optional(),
      ...pageQuery,
    }),
    answer: pageOf(playlist).extend({ matching: count, total: count }),
    handle: async ({ query: { cursor, limit: most, text, state } }, { database, figures }) => {
      const input = { text, state, limit: most, cursor: listCursor.read(cursor) };
      const { playlists, matching, total, next } = await listPlaylists(input, database);
      // For the next request: this one does not wait.
      void figures.count(
        playlists.map(({ id }) => id),
        { minAgeMs: COUNTED_AGAIN_MS, patienceMs: 0 },
      );
      return { items: playlists, matching, total, next: next === null ? null : listCursor.write(next) };
    },
  }),
  endpoint({
    id: 'getPlaylist',
    ...{ method: 'get', path: '/playlists/{id}', subject: 'Playlists', role: 'viewer' },
    summary: 'Shows a playlist with its settings.',
    params: z.object({ id: playlistId }),
    answer: playlist.extend({
      settings: playlistSettings,
      nested: z.array(z.string()).meta({ description: 'The ids of the playlists that were found in it.' }),
    }),
    handle: async ({ params: { id } }, { database, figures }) => {
      if ((await database.playlists.findById(id)) === undefined) return undefined;
      await figures.count([id], { minAgeMs: COUNTED_AGAIN_MS, patienceMs: COUNTING_MS });
      const found = await showPlaylist(id, database);
      return found && { ...found, nested: [...found.nested] };
    },
  }),
  endpoint({
    id: 'listPlaylistItems',
    ...{ method: 'get', path: '/playlists/{id}/items', subject: 'Playlists', role: 'viewer' },
    summary: 'Lists the videos of a playlist in its order.',
    params: z.object({ id: playlistId }),
    query: z.strictObject({
      selection: z.enum(ITEM_SELECTIONS).default('all').meta({
        description: '`removed`: gone at the source. `unseen`: an incomplete last reading did not see them.',
      }),
      ...pageQuery,
    }),
    answer: pageOf(item),
    handle: async ({ params: { id }, query: { selection, limit: most, cursor } }, { database }) => {
      const input = { selection, limit: most, cursor: itemCursor.read(cursor) };
      const page = await listPlaylistItems(id, input, database);
      return page && { items: page.items, next: page.next === null ? null : itemCursor.write(page.next) };
    },
  }),
];
