import { pipeline, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { TransientError } from '../../domain/job-errors.ts';

/** What is asked for; the client decodes no more. */
export const ACCEPTED_ENCODINGS = 'gzip, deflate, br';
/** RFC 9110 sets no limit; more than two make no sense and each costs memory. */
const MOST_ENCODINGS = 2;

/**
 * Undoes the content codings of an answer (RFC 9110, section 8.4.1), last applied first. An empty body stays empty.
 * @param onBytes told of the bytes as they come over the network
 * @throws TransientError `source_format` for a coding that was not asked for
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
  if (codings.length > MOST_ENCODINGS) throw unknownCoding(codings.join(', '));
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

/** Decoders take nothing for a cut-off body, so one is made with the first byte only. */
async function* decoded(source: AsyncIterable<Buffer>, makeDecoder: MakeDecoder): AsyncIterable<Buffer> {
  const chunks = source[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done === true) return;
  const decoder = makeDecoder(first.value);
  async function* all() {
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => chunks };
  }
  // What fails on the way destroys the decoder, and so reaches whoever reads from it.
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
      // With the header of zlib as the RFC wants it, or bare as some servers send it.
      return ([first = 0]) => ((first & 0x0f) === 8 ? createInflate() : createInflateRaw());
    default:
      throw unknownCoding(coding);
  }
}

function unknownCoding(coding: string): TransientError {
  return new TransientError(
    'source_format',
    `The answer is encoded as ${coding.slice(0, 40)}, which nobody asked for.`,
  );
}
