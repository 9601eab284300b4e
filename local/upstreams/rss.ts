import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { definedFields } from '../../src/domain/defined-fields.ts';
import { sendMedia, type MediaFile } from './rss-media.ts';
import { feedXml, type RssFeed } from './rss-xml.ts';
import type { Upstream } from './upstream.ts';

export type RssFault =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string }
  | { readonly kind: 'body'; readonly body: Buffer | string; readonly contentType?: string };

export interface RssDelivery {
  readonly contentType?: string;
  readonly encoding?: 'utf8' | 'latin1';
  readonly gzip?: boolean;
  readonly cacheControl?: string;
  /** Whether responses have an ETag and requests with it are answered with 304; true by default. */
  readonly validators?: boolean;
}

export interface RssRequest {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly status: number;
}

/** Serves generated feeds under `/NAME.xml`, and episodes under `/media/NAME`. */
export class RssUpstream implements Upstream {
  readonly name = 'rss';
  readonly requests: RssRequest[] = [];
  readonly #feeds = new Map<string, RssFeed | string>();
  readonly #delivery = new Map<string, RssDelivery>();
  readonly #media = new Map<string, MediaFile>();
  readonly #faults = new Map<string, RssFault[]>();

  /** Sets the content of a feed: generated XML, or this text. */
  setFeed(name: string, feed: RssFeed | string, delivery: RssDelivery = {}): void {
    this.#feeds.set(name, feed);
    this.#delivery.set(name, delivery);
  }

  setMedia(name: string, file: MediaFile): void {
    this.#media.set(name, file);
  }

  /** Sets the faults of the next responses for a feed, one each. */
  failNext(name: string, ...faults: RssFault[]): void {
    this.#faults.set(name, [...(this.#faults.get(name) ?? []), ...faults]);
  }

  /** Requests to one path, such as `/news.xml`. */
  requestsTo(path: string): RssRequest[] {
    return this.requests.filter((request) => request.path === path);
  }

  async handle(request: IncomingMessage, response: ServerResponse, path: URL): Promise<void> {
    response.once('close', () => {
      const { headers } = request;
      this.requests.push({ path: path.pathname, headers, status: response.statusCode });
    });
    const media = this.#media.get(/^\/media\/([\w.-]+)$/.exec(path.pathname)?.[1] ?? '');
    if (media !== undefined) {
      await sendMedia(media, request, response);
      return;
    }
    const name = /^\/([\w-]+)\.xml$/.exec(path.pathname)?.[1] ?? '';
    const feed = this.#feeds.get(name);
    if (feed === undefined) {
      response.writeHead(404).end();
      return;
    }
    const fault = this.#faults.get(name)?.shift();
    if (fault === undefined) sendFeed(feed, this.#delivery.get(name) ?? {}, request, response);
    else sendFault(fault, response);
  }
}

function sendFault(fault: RssFault, response: ServerResponse): void {
  switch (fault.kind) {
    case 'status':
      response.writeHead(fault.status, definedFields({ 'retry-after': fault.retryAfter })).end();
      break;
    case 'body':
      response.writeHead(200, { 'content-type': fault.contentType ?? 'application/rss+xml' }).end(fault.body);
      break;
  }
}

function sendFeed(
  feed: RssFeed | string,
  delivery: RssDelivery,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { encoding = 'utf8', validators = true, cacheControl } = delivery;
  const xml = typeof feed === 'string' ? feed : feedXml(feed, encoding === 'latin1' ? 'ISO-8859-1' : 'UTF-8');
  const bytes = Buffer.from(xml, encoding);
  const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
  const headers = definedFields({
    'content-type': delivery.contentType ?? 'application/rss+xml',
    etag: validators ? etag : undefined,
    'cache-control': cacheControl,
  });
  if (validators && request.headers['if-none-match'] === etag) {
    response.writeHead(304, headers).end();
    return;
  }
  const body = delivery.gzip === true ? gzipSync(bytes) : bytes;
  if (delivery.gzip === true) response.setHeader('content-encoding', 'gzip');
  response.writeHead(200, { ...headers, 'content-length': body.length }).end(body);
}
