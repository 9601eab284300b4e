import { z } from 'zod';
import { documentSchema, optional, type DocumentOf } from '../document-schema.ts';
import { failure } from './failure.ts';

const playlist = z.object({
  _id: z.string(),
  url: z.string(),
  /** The list of playlists in which it was found, such as a tab of a channel; no line of a file names it. */
  listed_by: optional(z.string()),
  title: optional(z.string()),
  /** How many entries the site says the list has; null when it does not say. */
  announced_count: optional(z.number()),
  found_count: optional(z.number()),
  /** False when the listing ended early or yielded fewer entries than announced. */
  complete: optional(z.boolean()),
  last_expanded_at: optional(z.date()),
  next_expand_at: optional(z.date()),
  /** How many passes have failed since the last one that succeeded. */
  failed_passes: optional(z.number()),
  error: optional(failure),
  /** False while a person has paused it, and once it is forgotten. */
  enabled: z.boolean(),
  /** A line of PLAYLIST_FILE named it when that file was last read. */
  from_file: optional(z.boolean()),
  /** A person does not want it any more. The record stays, so that a line of a file does not bring it back. */
  forgotten_at: optional(z.date()),
});

export type PlaylistDocument = DocumentOf<typeof playlist>;

export const playlistSchema = documentSchema(playlist, [[{ enabled: 1, next_expand_at: 1 }]]);

const playlistItem = z.object({
  /** `<playlist_id>/<video_id>`. */
  _id: z.string(),
  playlist_id: z.string(),
  /** The video's `_id`. */
  video_id: z.string(),
  position: z.number(),
  first_seen_at: z.date(),
  last_seen_at: z.date(),
  removed_at: optional(z.date()),
});

export type PlaylistItemDocument = DocumentOf<typeof playlistItem>;

export const playlistItemSchema = documentSchema(playlistItem, [
  [{ playlist_id: 1, video_id: 1 }, { unique: true }],
  [{ video_id: 1 }],
]);
