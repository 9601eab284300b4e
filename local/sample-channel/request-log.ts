import { z } from 'zod';

const count = z.int().min(0);
const requestCountsSchema = z.object({ player: count, media: count, thumbnail: count });
/** A request that the sample channel has answered, or begun to answer. */
const loggedRequestSchema = z.object({
  kind: z.enum(['resolve', 'browse', 'player', 'media', 'thumbnail', 'other']),
  videoId: z.string().optional(),
  playlistId: z.string().optional(),
  /** 0 for the first page of a playlist. */
  page: z.int().optional(),
  /** The Range header of a media request. */
  range: z.string().optional(),
  /** Milliseconds since 1970. */
  at: z.number(),
});
/** The requests, and their number for each video. */
export const requestReportSchema = z.object({
  counts: z.record(z.string(), requestCountsSchema),
  requests: z.array(loggedRequestSchema),
});

export type LoggedRequest = z.output<typeof loggedRequestSchema>;
export type RequestCounts = z.output<typeof requestCountsSchema>;
/** What the control URL returns. */
export type RequestReport = z.output<typeof requestReportSchema>;

/** The log keeps the newest requests, so that memory stays bounded; the counts include all of them. */
const KEPT_REQUESTS = 20_000;
const NONE: RequestCounts = { player: 0, media: 0, thumbnail: 0 };

/** Records the requests, for tests. */
export class RequestLog {
  #requests: LoggedRequest[] = [];
  readonly #counts = new Map<string, RequestCounts>();

  add(request: Omit<LoggedRequest, 'at'>): void {
    this.#requests.push({ ...request, at: Date.now() });
    if (this.#requests.length > 2 * KEPT_REQUESTS) this.#requests = this.#requests.slice(-KEPT_REQUESTS);
    const { kind, videoId } = request;
    if (videoId === undefined || (kind !== 'player' && kind !== 'media' && kind !== 'thumbnail')) return;
    const counts = this.of(videoId);
    this.#counts.set(videoId, { ...counts, [kind]: counts[kind] + 1 });
  }

  /** The newest requests, oldest first. */
  all(): readonly LoggedRequest[] {
    return this.#requests.slice(-KEPT_REQUESTS);
  }

  of(videoId: string): RequestCounts {
    return this.#counts.get(videoId) ?? NONE;
  }

  counts(): Record<string, RequestCounts> {
    return Object.fromEntries(this.#counts);
  }

  clear(): void {
    this.#requests = [];
    this.#counts.clear();
  }
}
