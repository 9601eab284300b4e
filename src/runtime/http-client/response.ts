import { TextDecoder } from 'node:util';
import type { Readable } from 'node:stream';
import { TransientError, toError } from '../../domain/job-errors.ts';
import { freshForMsOf } from './freshness.ts';
import type { HttpResponse, Validators } from './http-client.ts';

/** Puts an answer together. @param shown the address, for errors */
export function toHttpResponse(
  head: {
    readonly status: number;
    readonly url: URL;
    readonly headers: Headers;
    readonly notModified: boolean;
  },
  body: Readable,
  shown: string,
  now: Date,
): HttpResponse {
  const bytes = async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of body as AsyncIterable<Buffer>) chunks.push(chunk);
    return Buffer.concat(chunks);
  };
  const text = async () => decoderOf(head.headers).decode(await bytes());
  return {
    ...head,
    validators: validatorsOf(head.headers),
    freshForMs: freshForMsOf(head.headers, now),
    body,
    bytes,
    text,
    async json() {
      const content = await text();
      try {
        return JSON.parse(content) as unknown;
      } catch (error) {
        throw new TransientError('source_format', `${shown} is not JSON.`, { cause: toError(error) });
      }
    },
    discard() {
      body.destroy();
      return Promise.resolve();
    },
  };
}

/** The essence of a Content-Type, such as `text/html`; undefined when it is missing. */
export function mediaTypeOf(headers: Headers): string | undefined {
  const essence = headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  return essence === '' ? undefined : essence;
}

/** Whether a media type is wanted; `audio/*` takes every subtype. */
export function isWantedType(mediaType: string, wanted: readonly string[]): boolean {
  return wanted.some((type) =>
    type.endsWith('/*') ? mediaType.startsWith(type.slice(0, -1)) : mediaType === type,
  );
}

function validatorsOf(headers: Headers): Validators {
  const etag = headers.get('etag');
  const lastModified = headers.get('last-modified');
  return {
    ...(etag === null ? {} : { etag }),
    ...(lastModified === null ? {} : { lastModified }),
  };
}

function decoderOf(headers: Headers): TextDecoder {
  const label = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(headers.get('content-type') ?? '')?.[1];
  try {
    return new TextDecoder(label);
  } catch {
    // A charset that nobody knows.
    return new TextDecoder();
  }
}
