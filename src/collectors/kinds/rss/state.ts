import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Validators } from '../../../runtime/http-client/http-client.ts';

const validatorsSchema = z
  .object({ etag: z.string().optional(), lastModified: z.string().optional() })
  .transform(({ etag, lastModified }): Validators => ({
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
  }));
const time = z.iso.datetime();

/** What is remembered of one feed; times in ISO 8601. */
const feedStateSchema = z.object({
  /** Of the version that was read last. */
  validators: validatorsSchema.optional(),
  /** The feed said that nothing new comes before this time; never more than a day ahead. */
  freshUntil: time.optional(),
  /** The lifetime that the feed itself names (`<ttl>`); a 304 has no body to read it from. */
  ttlMinutes: z.number().positive().optional(),
  /** The server asked for a pause until this time. */
  notBefore: time.optional(),
  /** The feed could not be read: how often in a row, when last, and the version that it was. */
  broken: z
    .object({ times: z.int().positive(), lastAt: time, validators: validatorsSchema.optional() })
    .optional(),
});
export type FeedState = z.output<typeof feedStateSchema>;

/** The cursor of a source of the kind `rss`: by `feedStateKey`. */
export const rssStateSchema = z.object({ feeds: z.record(z.string(), feedStateSchema) });
export type RssState = z.output<typeof rssStateSchema>;

/** An address itself may hold dots, which are no good in names of fields, and secrets. */
export function feedStateKey(url: string): string {
  return createHash('sha256').update(url).digest('hex').slice(0, 32);
}
