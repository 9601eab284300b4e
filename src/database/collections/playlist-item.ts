import { z } from 'zod';
import { documentSchema, optional, type DocumentOf } from '../document-schema.ts';

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
