import { isAscii } from 'node:buffer';
import { TextDecoder } from 'node:util';

/** What a file may be told to be encoded in. */
export type TextEncoding = 'auto' | 'utf-8' | 'latin-1';

const BYTE_ORDER_MARKS = [
  { label: 'utf-8', bytes: Buffer.from([0xef, 0xbb, 0xbf]) },
  { label: 'utf-16le', bytes: Buffer.from([0xff, 0xfe]) },
  { label: 'utf-16be', bytes: Buffer.from([0xfe, 0xff]) },
] as const;

/**
 * Makes UTF-8 of a file, without its byte order mark, chunk by chunk. A byte order mark decides over everything else.
 * What is called Latin-1 is read as windows-1252, as browsers do (https://encoding.spec.whatwg.org/#names-and-labels):
 * the two differ only where Latin-1 has no characters. `auto` takes the first chunk with a byte beyond ASCII as
 * its sample; until then all encodings are alike. Invalid UTF-8 is passed on as it is.
 * @param content its first chunk must hold the first three bytes of the file.
 */
export async function* toUtf8(
  content: AsyncIterable<Buffer>,
  encoding: TextEncoding,
): AsyncGenerator<Buffer> {
  let label = encoding === 'latin-1' ? 'windows-1252' : encoding;
  let decoder: TextDecoder | undefined;
  let isFirst = true;
  for await (const received of content) {
    let chunk = received;
    if (isFirst) {
      isFirst = false;
      const mark = BYTE_ORDER_MARKS.find(({ bytes }) => bytes.equals(chunk.subarray(0, bytes.length)));
      if (mark !== undefined) {
        label = mark.label;
        chunk = chunk.subarray(mark.bytes.length);
      }
    }
    if (label === 'auto' && !isAscii(chunk)) label = detectEncoding(chunk);
    if (label === 'auto' || label === 'utf-8') {
      yield chunk;
    } else {
      decoder ??= new TextDecoder(label);
      yield Buffer.from(decoder.decode(chunk, { stream: true }));
    }
  }
}

/** Bytes that are valid UTF-8 are taken as such; a character may be cut at the end. */
export function detectEncoding(sample: Buffer): 'utf-8' | 'windows-1252' {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(sample, { stream: true });
    return 'utf-8';
  } catch {
    return 'windows-1252';
  }
}
