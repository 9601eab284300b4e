import { pipeline, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { TransientError } from '../../domain/job-errors.ts';

/** Sent as Accept-Encoding; no other encoding is decoded. */
export const ACCEPTED_ENCODINGS = 'gzip, deflate, br';
/** RFC 9110 sets no limit; more than two make no sense, and each costs memory. */
const MAX_ENCODINGS = 2;

/**
 * Decodes the content codings of a response (RFC 9110, section 8.4.1), last applied first. An empty body stays empty.
 * @param onBytes called with the size of each chunk as received, before decoding
 * @throws TransientError `source_format` for a coding that is not in {@link ACCEPTED_ENCODINGS}
 */
export function decodedBody(
  raw: AsyncIterable<Buffer>,
  headers: Headers,
  onBytes: (count: number) => void,
): AsyncIterable<Buffer> {
  const codings = (headers.get('content-encoding') ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity')
    .reverse();
  if (codings.length > MAX_ENCODINGS) throw unknownCoding(codings.join(', '));
  let body: AsyncIterable<Buffer> = counted(raw, onBytes);
  for (const makeDecoder of codings.map(decoderOf)) body = decoded(body, makeDecoder);
  return body;
}

async function* counted(raw: AsyncIterable<Buffer>, onBytes: (count: number) => void) {
  for await (const chunk of raw) {
    onBytes(chunk.length);
    yield chunk;
  }
}

/** Without any input a decoder reports a cut-off body, so it is created with the first chunk only. */
async function* decoded(source: AsyncIterable<Buffer>, makeDecoder: MakeDecoder): AsyncIterable<Buffer> {
  const chunks = source[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done === true) return;
  const decoder = makeDecoder(first.value);
  async function* all() {
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => chunks };
  }
  // A failure destroys the decoder, and so reaches whoever reads from it.
  pipeline(all(), decoder, () => undefined);
  yield* decoder as AsyncIterable<Buffer>;
}

type MakeDecoder = (firstChunk: Buffer) => Transform;

function decoderOf(coding: string): MakeDecoder {
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return () => createGunzip();
    case 'br':
      return () => createBrotliDecompress();
    case 'deflate':
      // With a zlib header as the RFC requires, or without one as some servers send it.
      return ([first = 0]) => ((first & 0x0f) === 8 ? createInflate() : createInflateRaw());
    default:
      throw unknownCoding(coding);
  }
}

function unknownCoding(coding: string): TransientError {
  return new TransientError(
    'source_format',
    `The response has the unsupported encoding ${coding.slice(0, 40)}.`,
  );
}
