import { TextDecoder } from 'node:util';
import type { Readable } from 'node:stream';
import { TransientError, toError } from '../../domain/job-errors.ts';
import type { HttpResponse } from './http-client.ts';
import { charsetOf, freshForMsOf, validatorsOf } from './response-headers.ts';

/** @param shown what errors call the address */
export function toHttpResponse(
  head: Pick<HttpResponse, 'status' | 'url' | 'headers' | 'notModified'>,
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

function decoderOf(headers: Headers): TextDecoder {
  try {
    return new TextDecoder(charsetOf(headers));
  } catch {
    // An unknown charset.
    return new TextDecoder();
  }
}
