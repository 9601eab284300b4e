import type { Request, Response } from 'express';

/** What a reader is told: the page has to be read anew. */
const CHANGED = 'event: changed\ndata:\n\n';
const HEARTBEAT = ': still here\n\n';
/** How long a browser waits before it connects again. */
const RETRY_MS = 3_000;

export interface LiveEventsOptions {
  /** Reads what the pages show. @returns a text that differs when they do; rejects while a server is away. */
  readonly read: () => Promise<string>;
  readonly pollMs?: number;
  /** Ages on the pages grow although nothing changes: readers are told after this time at the latest. */
  readonly mostMs?: number;
  readonly heartbeatMs?: number;
  /** A stream ends after this time; the browser connects again and shows its login anew, which may have ended. */
  readonly streamMs?: number;
  readonly maxReaders?: number;
}

/**
 * Tells all open overviews when to read themselves anew, by server-sent events
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html). One poll serves all readers: it begins with the first and
 * ends with the last.
 */
export class LiveEvents {
  readonly #options: Required<LiveEventsOptions>;
  readonly #readers = new Set<Response>();
  #timer: NodeJS.Timeout | undefined;
  #isPolling = false;
  #shown: string | undefined;
  #toldAt = 0;

  constructor(options: LiveEventsOptions) {
    this.#options = {
      ...{ pollMs: 2_000, mostMs: 15_000, heartbeatMs: 20_000, streamMs: 60_000, maxReaders: 200 },
      ...options,
    };
  }

  get readers(): number {
    return this.#readers.size;
  }

  get isPolling(): boolean {
    return this.#isPolling;
  }

  /** Answers a request with a stream of events. */
  serve(request: Request, response: Response): void {
    const { maxReaders, heartbeatMs, streamMs } = this.#options;
    if (this.#readers.size >= maxReaders) {
      response.status(503).set('retry-after', '60').type('text/plain').send('Too many readers.\n');
      return;
    }
    response.status(200).set({
      'content-type': 'text/event-stream; charset=utf-8',
      // nginx would hold the events back.
      'x-accel-buffering': 'no',
    });
    response.write(`retry: ${String(RETRY_MS)}\n\n`);
    const heartbeat = setInterval(() => {
      response.write(HEARTBEAT);
    }, heartbeatMs);
    const end = setTimeout(() => {
      response.end();
    }, streamMs);
    this.#readers.add(response);
    response.on('close', () => {
      clearInterval(heartbeat);
      clearTimeout(end);
      this.#readers.delete(response);
      if (this.#readers.size === 0) this.#rest();
    });
    if (request.method === 'HEAD') response.end();
    else if (!this.#isPolling) void this.#poll();
  }

  async #poll(): Promise<void> {
    const { read, pollMs, mostMs } = this.#options;
    this.#isPolling = true;
    const startedAt = performance.now();
    // That a server is away is shown as well.
    const now = await read().catch(() => 'away');
    const at = performance.now();
    if (this.#shown === undefined) this.#toldAt = at;
    else if (now !== this.#shown || at - this.#toldAt >= mostMs) {
      this.#toldAt = at;
      for (const reader of this.#readers) reader.write(CHANGED);
    }
    this.#shown = now;
    if (this.#readers.size === 0) {
      this.#isPolling = false;
      return;
    }
    // A slow database gets more rest.
    const pauseMs = Math.max(pollMs, 2 * (at - startedAt));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#poll();
    }, pauseMs);
  }

  /** A poll under way ends by itself. */
  #rest(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isPolling = false;
  }
}
