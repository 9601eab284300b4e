import { z } from 'zod';
import { definedFields } from '../domain/defined-fields.ts';
import { PermanentError, ThrottledError, TransientError, type JobError } from '../domain/job-errors.ts';
import { createHttpClient } from '../runtime/http-client/create-http-client.ts';
import type { HttpClient } from '../runtime/http-client/http-client.ts';
import { parseJson } from '../runtime/json.ts';

/** Key and address of the YouTube Data API v3, https://developers.google.com/youtube/v3/docs. */
export interface DataApiConfig {
  readonly key: string;
  readonly url: string;
}

/** The API gives at most so many items a page, and accepts so many ids at once. */
const PAGE_SIZE = 50;
const DEADLINE_MS = 20_000;
/** A page of 50 items with long descriptions is about 300 kB. */
const MAX_RESPONSE_BYTES = 8 * 1024 * 1024;

const id = z.string().regex(/^[\w-]{1,64}$/);
const text = z.string().nullish().catch(null);
const moment = z.coerce.date().nullish().catch(null);

const playlistSchema = z.object({
  items: z
    .array(
      z.object({
        snippet: z.object({ title: text }).nullish(),
        contentDetails: z.object({ itemCount: z.number().int().min(0).nullish().catch(null) }).nullish(),
      }),
    )
    .default([]),
});

const itemsSchema = z.object({
  nextPageToken: z.string().max(500).nullish(),
  items: z
    .array(
      z
        .object({
          snippet: z.object({ title: text, videoOwnerChannelTitle: text, videoOwnerChannelId: text }),
          contentDetails: z.object({ videoId: id, videoPublishedAt: moment }),
          status: z.object({ privacyStatus: text }).nullish(),
        })
        // One unreadable item does not make its page unreadable.
        .nullable()
        .catch(null),
    )
    .default([]),
});
/** One item of a playlist as the API lists it; null when it could not be read. */
export type ListedItem = z.output<typeof itemsSchema>['items'][number];

const videosSchema = z.object({
  items: z
    .array(
      z.object({
        id,
        snippet: z.object({ liveBroadcastContent: text }).nullish(),
        contentDetails: z.object({ duration: text }).nullish(),
        liveStreamingDetails: z.object({}).nullish(),
      }),
    )
    .default([]),
});
/** What the API knows of a video besides its position in a list. */
export type ListedVideo = z.output<typeof videosSchema>['items'][number];

const channelsSchema = z.object({
  items: z
    .array(z.object({ contentDetails: z.object({ relatedPlaylists: z.object({ uploads: id }) }) }))
    .default([]),
});

const errorSchema = z.object({
  error: z.object({ message: text, errors: z.array(z.object({ reason: text })).default([]) }),
});

/** The calls of the API that a listing needs; each costs one unit of the daily quota. */
export class YoutubeDataApi {
  readonly #key: string;
  readonly #url: string;
  readonly #http: HttpClient;

  constructor({ key, url }: DataApiConfig) {
    this.#key = key;
    this.#url = url;
    // The address comes from the configuration, and redirects are not followed.
    this.#http = createHttpClient({ timeoutMs: DEADLINE_MS, allowPrivateAddresses: true, secrets: [key] });
  }

  /** Title and announced count of a playlist; undefined when this key sees no such playlist. */
  async playlist(playlistId: string, signal: AbortSignal) {
    const query = { part: 'snippet,contentDetails', id: playlistId };
    const [found] = (await this.#get('playlists', query, playlistSchema, signal)).items;
    return found;
  }

  async playlistItems(playlistId: string, pageToken: string | undefined, signal: AbortSignal) {
    const query = definedFields({
      part: 'snippet,contentDetails,status',
      playlistId,
      maxResults: String(PAGE_SIZE),
      pageToken,
    });
    return await this.#get('playlistItems', query, itemsSchema, signal);
  }

  /** @param videoIds at most 50; hidden videos are missing from the response. */
  async videos(videoIds: readonly string[], signal: AbortSignal): Promise<readonly ListedVideo[]> {
    const query = { part: 'contentDetails,snippet,liveStreamingDetails', id: videoIds.join(',') };
    return (await this.#get('videos', query, videosSchema, signal)).items;
  }

  /** The playlist of all uploads of a channel; undefined when there is no such channel. */
  async uploadsOf(
    channel: { readonly forHandle: string } | { readonly forUsername: string },
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const query = { part: 'contentDetails', ...channel };
    const [found] = (await this.#get('channels', query, channelsSchema, signal)).items;
    return found?.contentDetails.relatedPlaylists.uploads;
  }

  async #get<T extends z.ZodType>(
    resource: string,
    query: Readonly<Record<string, string>>,
    schema: T,
    signal: AbortSignal,
  ): Promise<z.output<T>> {
    const label = `The YouTube Data API (${resource})`;
    const url = new URL(`${this.#url.replace(/\/$/, '')}/${resource}`);
    url.search = new URLSearchParams(query).toString();
    const response = await this.#http.fetch(url, {
      // In a header the key is in no address, and so in no error and no log of a proxy.
      headers: { 'X-Goog-Api-Key': this.#key, accept: 'application/json' },
      label,
      redirects: 'none',
      acceptedStatuses: REASON_STATUSES,
      maxBytes: MAX_RESPONSE_BYTES,
      signal,
    });
    const body = parseJson(await response.text());
    if (response.status >= 400) throw errorOf(label, response.status, body);
    const parsed = schema.safeParse(body);
    if (parsed.success) return parsed.data;
    throw new TransientError('server_error', `${label} sent a response of an unknown form.`);
  }
}

/** The quota of the day is spent, or too many calls at once: https://developers.google.com/youtube/v3/docs/errors. */
const QUOTA_REASONS: ReadonlySet<string> = new Set([
  'quotaExceeded',
  'dailyLimitExceeded',
  'rateLimitExceeded',
  'userRateLimitExceeded',
]);

/** The statuses whose body tells the reason. */
const REASON_STATUSES = [400, 401, 403, 404, 429];

function errorOf(label: string, status: number, body: unknown): JobError {
  const parsed = errorSchema.safeParse(body);
  const reason = parsed.data?.error.errors[0]?.reason ?? '';
  const shownReason = /^\w{1,60}$/.test(reason) ? ` (${reason})` : '';
  const message = `${label} answered with status ${String(status)}${shownReason}.`;
  if (status === 429 || QUOTA_REASONS.has(reason)) return new ThrottledError('rate_limited', message);
  if (status === 404) return new PermanentError('playlist_missing', message);
  // A wrong or restricted key: it is logged, and the caller lists by other means.
  return new PermanentError('unsupported', message);
}
