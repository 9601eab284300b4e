import { z } from 'zod';

export const videoIdSchema = z.string().regex(/^[\w-]{11}$/, 'is not a video id of 11 characters');
/** Any playlist id that yt-dlp accepts; without dots, which separate the parts of page tokens. */
export const playlistIdSchema = z.string().regex(/^[\w-]{2,64}$/, 'is not a playlist id');

/** The content of a generated audio file. */
const audioRecipeSchema = z.discriminatedUnion('kind', [
  /** Spoken by espeak-ng; a tone of `toneHz` where it is not installed. */
  z.object({
    kind: z.literal('speech'),
    voice: z.string().regex(/^[a-z][\w-]{1,30}$/),
    text: z.string().min(1).max(2000),
    toneHz: z.number().min(50).max(8000),
  }),
  z.object({
    kind: z.literal('tone'),
    toneHz: z.number().min(50).max(8000),
    durationSeconds: z.number().min(0.5).max(7200),
  }),
]);
export type AudioRecipe = z.output<typeof audioRecipeSchema>;

/** One of several formats of a video; all of them serve the same audio. */
const trackSchema = z.object({
  /** YouTube's format number. */
  itag: z.int().positive(),
  /** Language and number: `en.4`. */
  id: z.string().min(2),
  /** As the site shows it: `English original`, `French`, `English descriptive`. */
  displayName: z.string(),
  isDefault: z.boolean().default(false),
  bitrate: z.int().positive(),
  quality: z.enum(['LOW', 'MEDIUM', 'HIGH']),
  /** With DRM: yt-dlp leaves it out with a warning. */
  isProtected: z.boolean().default(false),
});

/** A video with its own audio or that of another video. */
export const videoDefinitionSchema = z.object({
  id: videoIdSchema,
  title: z.string().nullable(),
  container: z.enum(['m4a', 'webm']).default('m4a'),
  audio: z.union([audioRecipeSchema, z.object({ kind: z.literal('same-as'), videoId: videoIdSchema })]),
  /** One without a language by default. */
  tracks: z.array(trackSchema).min(1).optional(),
  /** The lengths that the video and its formats announce; the true one by default. */
  announcedSeconds: z.number().positive().optional(),
  formatSeconds: z.number().positive().optional(),
});
export type VideoDefinition = z.output<typeof videoDefinitionSchema>;

/** A playlist of known videos. */
export const playlistDefinitionSchema = z.object({
  id: playlistIdSchema,
  title: z.string(),
  /** `list`: playlistVideoRenderer, the layout of the years before 2025; `lockup`: lockupViewModel. */
  layout: z.enum(['list', 'lockup']).default('list'),
  pageSize: z.int().min(1).max(500).default(4),
  videoIds: z.array(videoIdSchema).max(20_000),
  /** The count in the header; the true one by default. */
  announcedCount: z.int().min(0).optional(),
});
export type PlaylistDefinition = z.output<typeof playlistDefinitionSchema>;
export type PlaylistLayout = PlaylistDefinition['layout'];
