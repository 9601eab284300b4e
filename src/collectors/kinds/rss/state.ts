import { hash } from 'node:crypto';
import { z } from 'zod';

const validatorsSchema = z.object({
  etag: z.string().exactOptional(),
  lastModified: z.string().exactOptional(),
});
const time = z.iso.datetime();

/** The state of one feed; times in ISO 8601. */
const feedStateSchema = z.object({
  /** Of the version that was parsed last. */
  validators: validatorsSchema.optional(),
  /** The feed announced no change before this time; at most one day in the future. */
  freshUntil: time.optional(),
  /** The `<ttl>` of the feed; stored because a 304 has no body to read it from. */
  ttlMinutes: z.number().positive().optional(),
  /** The server asked for a pause until this time. */
  notBefore: time.optional(),
  /** The feed could not be parsed: how often in a row, when last, and the validators of that version. */
  broken: z
    .object({ times: z.int().positive(), lastAt: time, validators: validatorsSchema.optional() })
    .optional(),
});
export type FeedState = z.output<typeof feedStateSchema>;

/** The cursor of a source of the kind `rss`; the keys are those of `feedStateKey`. */
export const rssStateSchema = z.object({ feeds: z.record(z.string(), feedStateSchema) });
export type RssState = z.output<typeof rssStateSchema>;

/** A hash, because the URL may contain secrets. */
export function feedStateKey(url: string): string {
  return hash('sha256', url).slice(0, 32);
}
