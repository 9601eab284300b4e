import { z } from 'zod';
import 'zod-openapi';
import { parseVideoDocumentId } from '../../domain/video-key.ts';
import { parseJson } from '../../runtime/json.ts';
import { Problem } from './problem.ts';

/** A time, as ISO 8601 in UTC. */
export const moment = z.date();

/** Why something failed. */
export const failure = z.object({
  class: z.string().meta({ description: 'The error class, such as `private`.' }),
  message: z.string(),
  advice: z.string().meta({ description: 'What a person can do.' }),
});

const MAX_LIMIT = 200;
const DEFAULT_LIMIT = 100;

/** Query parameters of every list. */
export const pageQuery = {
  limit: z.coerce
    .number<string>()
    .int()
    .min(1)
    .max(MAX_LIMIT)
    .default(DEFAULT_LIMIT)
    .meta({ description: 'How many items at most.', examples: [10] }),
  cursor: z
    .string()
    .max(500)
    .regex(/^[\w-]+$/)
    .optional()
    .meta({ description: '`next` of the page before, with the same filters.' }),
};

/** One page of a list: `next` is the cursor of the page that follows, null on the last one. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    next: z.string().nullable().meta({ description: 'The cursor of the next page; null on the last one.' }),
  });
}

/** The id of a video, as the lists have it. */
export const videoId = z
  .string()
  .max(200)
  .transform((text, context) => {
    const key = parseVideoDocumentId(text);
    if (key !== undefined) return key;
    context.addIssue({ code: 'custom', message: 'is not the id of a video, such as youtube.dQw4w9WgXcQ' });
    return z.NEVER;
  })
  .meta({ description: 'The id of a video.', examples: ['youtube.dQw4w9WgXcQ'] });

/** The id of a playlist, as the lists have it. */
export const playlistId = z
  .string()
  .max(300)
  .meta({ description: 'The id of a playlist.', examples: ['playlist.PLabcdefghijklmnop'] });

/** A boolean in a query string. */
export const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((text) => text === 'true');

/** The problem of a cursor that is not of this list. */
export function foreignCursor(): Problem {
  const detail = 'is no cursor of this list in this order';
  return new Problem('invalid-request', { errors: [{ in: 'query', field: 'cursor', detail }] });
}

/** Makes opaque cursors of a place in a list. A cursor of another list, or one that somebody made up, is refused. */
export function cursorOf<Place extends z.ZodType>(list: string, place: Place) {
  const schema = z.tuple([z.literal(list), z.unknown()]);
  return {
    write: (at: z.input<Place>) => Buffer.from(JSON.stringify([list, at])).toString('base64url'),
    /** @throws Problem for a cursor that is not of this list. */
    read: (cursor: string | undefined): z.output<Place> | undefined => {
      if (cursor === undefined) return undefined;
      const written = schema.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString()));
      const at = place.safeParse(written.data?.[1]);
      if (!written.success || !at.success) throw foreignCursor();
      return at.data;
    },
  };
}
