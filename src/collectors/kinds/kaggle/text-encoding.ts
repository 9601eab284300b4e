import { isAscii } from 'node:buffer';
import { TextDecoder } from 'node:util';
import { byteOrderMarkOf } from '../../byte-order-mark.ts';

export type TextEncoding = 'auto' | 'utf-8' | 'latin-1';

/**
 * Converts a file to UTF-8 without byte order mark, chunk by chunk. A byte order mark takes precedence over `encoding`.
 * Latin-1 is read as windows-1252, as browsers do (https://encoding.spec.whatwg.org/#names-and-labels): the two differ
 * only where Latin-1 has no characters. `auto` detects the encoding from the first chunk with a byte that is not ASCII.
 * Invalid UTF-8 is passed on unchanged.
 * @param content the first chunk must contain the first three bytes of the file.
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
      const mark = byteOrderMarkOf(chunk);
      if (mark !== undefined) {
        label = mark.encoding;
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

/**
 * UTF-8 when the sample is valid UTF-8, else windows-1252. The last character may be incomplete. A guess by statistics
 * (chardet) was measured and is worse: it takes short Latin-1 texts for Shift_JIS, and Fon in UTF-8 with one invalid
 * byte for Big5.
 */
export function detectEncoding(sample: Buffer): 'utf-8' | 'windows-1252' {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(sample, { stream: true });
    return 'utf-8';
  } catch {
    return 'windows-1252';
  }
}
