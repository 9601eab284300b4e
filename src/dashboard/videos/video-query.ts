import { z } from 'zod';
import type { VideoCursor, VideoFilter } from '../../database/video-search.ts';
import { definedFields } from '../../domain/defined-fields.ts';
import { ERROR_CLASS_NAMES } from '../../domain/error-classes.ts';
import { VIDEO_STATUSES } from '../../domain/video-status.ts';

const MAX_TEXT_LENGTH = 200;

/** A field of a form that was left empty is as good as none. */
const filled = z
  .string()
  .trim()
  .max(MAX_TEXT_LENGTH)
  .transform((text) => (text === '' ? undefined : text))
  .optional()
  // A field that is given twice, or is wrong, restricts nothing: the page shows which filters hold.
  .catch(undefined);

const cursor = z
  .string()
  .regex(/^\d{1,15}\.[\w.-]{1,100}$/)
  .transform((text): VideoCursor => {
    const dot = text.indexOf('.');
    return { updatedAt: new Date(Number(text.slice(0, dot))), id: text.slice(dot + 1) };
  })
  .optional()
  .catch(undefined);

/** The filters of the list of videos, as its form sends them. */
export const videoQuerySchema = z.object({
  status: z.enum(VIDEO_STATUSES).optional().catch(undefined),
  text: filled,
  playlist: filled,
  channel: filled,
  class: z.enum(ERROR_CLASS_NAMES).optional().catch(undefined),
  language: filled,
});

export type VideoQuery = z.output<typeof videoQuerySchema>;

export const cursorSchema = z.object({ after: cursor });

export function filterOf(query: VideoQuery): VideoFilter {
  return definedFields({
    status: query.status,
    title: query.text,
    playlistId: query.playlist,
    channelId: query.channel,
    errorClass: query.class,
    language: query.language,
  });
}

/** The query string of these filters, with `?`; empty without any. */
export function queryStringOf(query: VideoQuery, after?: VideoCursor): string {
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) fields.set(name, value);
  if (after !== undefined) fields.set('after', `${String(after.updatedAt.getTime())}.${after.id}`);
  return fields.size === 0 ? '' : `?${fields.toString()}`;
}
