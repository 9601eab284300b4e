import { z } from 'zod';
import type { PlaylistSettingsDocument } from '../database/collections/playlist.ts';
import type { Database } from '../database/database.ts';
import { AUDIO_PROFILES } from '../domain/audio.ts';
import { definedFields } from '../domain/defined-fields.ts';
import { MAX_PRIORITY } from '../domain/download-priority.ts';
import { MAX_PATTERN_LENGTH, MAX_PATTERNS } from '../producers/title-pattern.ts';
import { audited, type Actor } from './audited.ts';

/** Longer than any video: ten days. */
export const MAX_DURATION_SECONDS = 864_000;
const seconds = z.number().int().min(0).max(MAX_DURATION_SECONDS).nullable();
const date = z
  .union([z.date(), z.iso.date(), z.iso.datetime({ offset: true })])
  .transform((value) => new Date(value))
  .nullable();
const patterns = z.array(z.string().trim().min(1).max(MAX_PATTERN_LENGTH)).max(MAX_PATTERNS);

/**
 * What can be set for one playlist. Null, or no patterns: as the environment says. A pattern is a part of the title in which
 * `*` stands for any characters and `?` for one.
 */
const fields = z.object({
  titleInclude: patterns,
  titleExclude: patterns,
  minDurationSeconds: seconds,
  maxDurationSeconds: seconds,
  /** Videos published before it are skipped. */
  publishedAfter: date,
  /** Videos published at it or later are skipped. */
  publishedBefore: date,
  live: z.boolean().nullable(),
  shorts: z.boolean().nullable(),
  profile: z.enum(AUDIO_PROFILES).nullable(),
  /** Of its downloads: 1 comes first, and those without one last. */
  priority: z.number().int().min(1).max(MAX_PRIORITY).nullable(),
  /** IETF language tag, of the audio track that is preferred and of the feed. */
  language: z
    .string()
    .regex(/^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,5}$/, 'is not a language such as fr or pt-BR')
    .nullable(),
});

/** Settings to change; those that are left out stay. */
export const playlistSettingsInput = fields
  .partial()
  .strict()
  .refine(
    ({ minDurationSeconds: least, maxDurationSeconds: most }) =>
      typeof least !== 'number' || typeof most !== 'number' || least <= most,
    { path: ['maxDurationSeconds'], message: 'The longest duration is below the shortest.' },
  )
  .refine(
    ({ publishedAfter: after, publishedBefore: before }) =>
      !(after instanceof Date) || !(before instanceof Date) || after < before,
    { path: ['publishedBefore'], message: 'No date is after the one and before the other.' },
  );

export type PlaylistSettings = z.output<typeof fields>;
export type PlaylistSettingsChange = z.output<typeof playlistSettingsInput>;

export type SettingsOutcome = 'changed' | 'unchanged' | 'contradictory' | 'forgotten' | 'unknown';

/**
 * Changes the settings of a playlist. Filters apply from its next reading on: what it has taken in stays. Profile and language
 * apply to downloads that begin after this, the priority to jobs that are added after this.
 * @returns the settings as they are now; undefined when the playlist is unknown
 */
export async function changePlaylistSettings(
  id: string,
  change: PlaylistSettingsChange,
  actor: Actor,
  { database }: { readonly database: Database },
): Promise<{ readonly outcome: SettingsOutcome; readonly settings: PlaylistSettings | undefined }> {
  const playlist = await database.playlists.findById(id);
  if (playlist === undefined) return { outcome: 'unknown', settings: undefined };
  const before = describeSettings(playlist.settings);
  if (playlist.forgotten_at) return { outcome: 'forgotten', settings: before };
  const after = { ...before, ...definedFields(change) };
  if (JSON.stringify(after) === JSON.stringify(before)) return { outcome: 'unchanged', settings: before };
  // A change of one end of a range may contradict the other end, which was set before.
  const whole = playlistSettingsInput.safeParse(after);
  if (!whole.success) return { outcome: 'contradictory', settings: before };
  return await audited(database, actor, { operation: 'playlists.set', targets: [id] }, async () => {
    await database.playlistDecisions.set(id, toDocument(after));
    return { outcome: 'changed' as const, settings: after };
  });
}

/** The settings of a record, null where the environment decides. */
export function describeSettings(settings: PlaylistSettingsDocument | null | undefined): PlaylistSettings {
  return {
    titleInclude: [...(settings?.title_include ?? [])],
    titleExclude: [...(settings?.title_exclude ?? [])],
    minDurationSeconds: settings?.min_duration ?? null,
    maxDurationSeconds: settings?.max_duration ?? null,
    publishedAfter: settings?.published_after ?? null,
    publishedBefore: settings?.published_before ?? null,
    live: settings?.live ?? null,
    shorts: settings?.shorts ?? null,
    profile: settings?.profile ?? null,
    // Earlier versions took larger ones; they count as the last.
    priority: settings?.priority ? Math.min(settings.priority, MAX_PRIORITY) : null,
    language: settings?.language ?? null,
  };
}

function toDocument(settings: PlaylistSettings): PlaylistSettingsDocument {
  return {
    title_include: settings.titleInclude,
    title_exclude: settings.titleExclude,
    min_duration: settings.minDurationSeconds,
    max_duration: settings.maxDurationSeconds,
    published_after: settings.publishedAfter,
    published_before: settings.publishedBefore,
    live: settings.live,
    shorts: settings.shorts,
    profile: settings.profile,
    priority: settings.priority,
    language: settings.language,
  };
}
