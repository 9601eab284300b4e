import { z } from 'zod';
import { AUDIO_PROFILES } from '../../domain/audio.ts';
import { VIDEO_STATUSES } from '../../domain/video-status.ts';
import { recordOf } from '../../domain/defined-fields.ts';
import { documentSchema, optional, type DocumentOf } from '../document-schema.ts';
import { failure } from './failure.ts';

/** What a person set for one playlist; what is left out is as the environment says. Durations are seconds. */
const settings = z.object({
  /** One of these patterns must match (src/producers/title-pattern.ts). Empty: any title. */
  title_include: z.array(z.string()),
  title_exclude: z.array(z.string()),
  min_duration: optional(z.number()),
  max_duration: optional(z.number()),
  published_after: optional(z.date()),
  published_before: optional(z.date()),
  live: optional(z.boolean()),
  shorts: optional(z.boolean()),
  profile: optional(z.enum(AUDIO_PROFILES)),
  /** Of its downloads: 1 comes first. */
  priority: optional(z.number()),
  /** Of the audio track that is preferred; also the language of its feed. */
  language: optional(z.string()),
});

export type PlaylistSettingsDocument = DocumentOf<typeof settings>;

/** What was counted of the items of a playlist, kept because counting 50,000 of them takes seconds. */
const figures = z.object({
  at: z.date(),
  ...recordOf(VIDEO_STATUSES, () => z.number()),
  /** Items that were in the list once and are not any more. */
  removed: z.number(),
  /** Items that the last reading, which was not complete, did not find again. */
  unseen: z.number(),
  /** Of the archived audio. */
  seconds: z.number(),
  bytes: z.number(),
});

export type PlaylistFiguresDocument = DocumentOf<typeof figures>;

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
  settings: optional(settings),
  figures: optional(figures),
});

export type PlaylistDocument = DocumentOf<typeof playlist>;

export const playlistSchema = documentSchema(playlist, [
  [{ enabled: 1, next_expand_at: 1 }],
  [{ listed_by: 1 }],
  [{ 'settings.priority': 1 }],
]);

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
  // For pages of the list in its order.
  [{ playlist_id: 1, position: 1, _id: 1 }],
]);
