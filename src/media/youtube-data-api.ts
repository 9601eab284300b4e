import { z } from 'zod';
import { withDeadline } from '../runtime/deadline.ts';
import { JobError, PermanentError, ThrottledError, toError, TransientError } from '../domain/job-errors.ts';

/** The key and address of the YouTube Data API v3, https://developers.google.com/youtube/v3/docs. */
export interface DataApiConfig {
  readonly key: string;
  readonly url: string;
}

/** The API gives at most so many items a page, and takes so many ids at once. */
export const PAGE_SIZE = 50;
const DEADLINE_MS = 20_000;
/** A page of 50 items with long descriptions is about 300,000 characters. */
const MAX_ANSWER_LENGTH = 8 * 1024 * 1024;

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
        // One odd item does not spoil its page.
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
/** What the API says of a video besides its place in a list. */
export type ListedVideo = z.output<typeof videosSchema>['items'][number];

const channelsSchema = z.object({
  items: z
    .array(z.object({ contentDetails: z.object({ relatedPlaylists: z.object({ uploads: id }) }) }))
    .default([]),
});

const errorSchema = z.object({
  error: z.object({ message: text, errors: z.array(z.object({ reason: text })).default([]) }),
});

/** How a channel is asked for. */
export type ChannelQuery = Readonly<Partial<Record<'id' | 'forHandle' | 'forUsername', string>>>;

/** The few calls of the API that a listing needs; each costs one unit of the daily quota. */
export class YoutubeDataApi {
  readonly #config: DataApiConfig;

  constructor(config: DataApiConfig) {
    this.#config = config;
  }

  /** Title and announced count of a playlist; undefined when there is none that this key may see. */
  async playlist(playlistId: string, signal: AbortSignal) {
    const query = { part: 'snippet,contentDetails', id: playlistId };
    const [found] = (await this.#get('playlists', query, playlistSchema, signal)).items;
    return found;
  }

  async playlistItems(playlistId: string, pageToken: string | undefined, signal: AbortSignal) {
    const query = {
      part: 'snippet,contentDetails,status',
      playlistId,
      maxResults: String(PAGE_SIZE),
      ...(pageToken === undefined ? {} : { pageToken }),
    };
    return await this.#get('playlistItems', query, itemsSchema, signal);
  }

  /** @param videoIds at most 50; those that are hidden are missing from the answer. */
  async videos(videoIds: readonly string[], signal: AbortSignal): Promise<readonly ListedVideo[]> {
    const query = { part: 'contentDetails,snippet,liveStreamingDetails', id: videoIds.join(',') };
    return (await this.#get('videos', query, videosSchema, signal)).items;
  }

  /** The playlist of all uploads of a channel; undefined when there is no such channel. */
  async uploadsOf(channel: ChannelQuery, signal: AbortSignal): Promise<string | undefined> {
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
    const what = `the YouTube Data API (${resource})`;
    const url = `${this.#config.url.replace(/\/$/, '')}/${resource}?${new URLSearchParams(query).toString()}`;
    return await withDeadline(
      async (watchdog) => {
        try {
          // In a header the key is in no address, and so in no error or log of a proxy.
          const response = await fetch(url, {
            headers: { 'X-Goog-Api-Key': this.#config.key, accept: 'application/json' },
            redirect: 'error',
            signal: watchdog.signal,
          });
          const body = parseJson(await readBounded(response));
          if (!response.ok) throw errorOf(what, response.status, body);
          const parsed = schema.safeParse(body);
          if (parsed.success) return parsed.data;
          throw new TransientError('server_error', `${what} gave an answer that is none of its own.`);
        } catch (error) {
          if (error instanceof JobError || watchdog.signal.aborted) throw error;
          const reason = toError(error);
          const cause = reason.cause instanceof Error ? `: ${reason.cause.message}` : '';
          throw new TransientError('network', `${what} cannot be reached${cause}.`, { cause: error });
        }
      },
      { signal, deadlineMs: DEADLINE_MS, what },
    );
  }
}

/** Spent for today, or too many calls at once: https://developers.google.com/youtube/v3/docs/errors. */
const QUOTA_REASONS: ReadonlySet<string> = new Set([
  'quotaExceeded',
  'dailyLimitExceeded',
  'rateLimitExceeded',
  'userRateLimitExceeded',
]);

function errorOf(what: string, status: number, body: unknown): JobError {
  const parsed = errorSchema.safeParse(body);
  const reason = parsed.data?.error.errors[0]?.reason ?? '';
  const message = `${what} answered ${String(status)}${/^\w{1,60}$/.test(reason) ? ` (${reason})` : ''}.`;
  if (status === 429 || QUOTA_REASONS.has(reason)) return new ThrottledError('rate_limited', message);
  if (status === 404) return new PermanentError('playlist_missing', message);
  if (status >= 500) return new TransientError('server_error', message);
  // A wrong or restricted key: said in the log; the caller lists by other means.
  return new PermanentError('unsupported', message);
}

async function readBounded(response: Response): Promise<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let read = '';
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
    read += part.value;
    if (read.length <= MAX_ANSWER_LENGTH) continue;
    await reader?.cancel();
    throw new Error('the answer is too long');
  }
  return read;
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
