/** One request that the sample channel answered, or began to answer. */
export interface LoggedRequest {
  readonly kind: 'resolve' | 'browse' | 'player' | 'media' | 'thumbnail' | 'other';
  readonly videoId?: string;
  readonly playlistId?: string;
  /** 0 for the first page of a list. */
  readonly page?: number;
  /** The Range header of a media request. */
  readonly range?: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** How often each kind of thing was asked for one video. */
export interface VideoRequestCounts {
  readonly player: number;
  readonly media: number;
  readonly thumbnail: number;
}

/** Old requests fall out first, so that a long run keeps its memory; the counts keep everything. */
const KEPT_REQUESTS = 20_000;
const NONE: VideoRequestCounts = { player: 0, media: 0, thumbnail: 0 };

/** Remembers what was asked for; tests read it. */
export class RequestLog {
  #requests: LoggedRequest[] = [];
  readonly #counts = new Map<string, VideoRequestCounts>();

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

  of(videoId: string): VideoRequestCounts {
    return this.#counts.get(videoId) ?? NONE;
  }

  counts(): Record<string, VideoRequestCounts> {
    return Object.fromEntries(this.#counts);
  }

  clear(): void {
    this.#requests = [];
    this.#counts.clear();
  }
}
