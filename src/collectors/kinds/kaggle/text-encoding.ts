import { isAscii, isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';
import { byteOrderMarkOf, detectEncoding } from '../../../text/decode-text.ts';

export type TextEncoding = 'auto' | 'utf-8' | 'latin-1';

/** Longer lines are decoded in parts. */
const MAX_LINE_BYTES = 1024 ** 2;

/**
 * Converts a file to UTF-8 without byte order mark. A byte order mark takes precedence over `encoding`. Latin-1 is read as
 * windows-1252, as browsers do (https://encoding.spec.whatwg.org/#names-and-labels): the two differ only where Latin-1 has
 * no characters. `auto` detects the encoding from the first chunk with a byte that is not ASCII, and a line that is valid
 * UTF-8 stays so in any case. Invalid UTF-8 is passed on unchanged, so that only the rows with it are rejected.
 * @param content the first chunk must contain the first three bytes of the file.
 */
export async function* toUtf8(
  content: AsyncIterable<Buffer>,
  encoding: TextEncoding,
): AsyncGenerator<Buffer> {
  let decode: Decode | undefined = encoding === 'latin-1' ? decodeAs('windows-1252') : undefined;
  let isDecided = encoding !== 'auto';
  let isFirst = true;
  for await (const received of content) {
    let chunk = received;
    if (isFirst) {
      isFirst = false;
      const mark = byteOrderMarkOf(chunk);
      if (mark !== undefined) {
        isDecided = true;
        decode = mark.encoding === 'utf-8' ? undefined : decodeAs(mark.encoding);
        chunk = chunk.subarray(mark.bytes.length);
      }
    }
    if (!isDecided && !isAscii(chunk)) {
      isDecided = true;
      if (detectEncoding(chunk) === 'windows-1252') decode = decodeLines();
    }
    yield decode === undefined ? chunk : decode(chunk);
  }
  if (decode !== undefined) yield decode();
}

/** Converts the next bytes to UTF-8; without bytes, what is left of those before. */
type Decode = (bytes?: Buffer) => Buffer;

function decodeAs(encoding: string): Decode {
  const decoder = new TextDecoder(encoding);
  return (bytes) =>
    Buffer.from(bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true }));
}

/**
 * Reads lines as windows-1252 that are not valid UTF-8, until more lines were valid: from then on the file is UTF-8, and
 * its beginning had the wrong bytes.
 */
function decodeLines(): Decode {
  const decoder = new TextDecoder('windows-1252');
  let rest: Buffer = Buffer.alloc(0);
  let utf8Lines = 0;
  let otherLines = 0;
  const decodeLine = (line: Buffer): Buffer => {
    if (isAscii(line)) return line;
    if (isUtf8(line)) {
      utf8Lines += 1;
      return line;
    }
    if (utf8Lines > otherLines) return line;
    otherLines += 1;
    return Buffer.from(decoder.decode(line));
  };
  return (bytes) => {
    const all = bytes === undefined ? rest : Buffer.concat([rest, bytes]);
    const lastEnd = Math.max(all.lastIndexOf('\n'), all.lastIndexOf('\r')) + 1;
    const isAll = bytes === undefined || all.length > lastEnd + MAX_LINE_BYTES;
    const whole = isAll ? all : all.subarray(0, lastEnd);
    rest = isAll ? Buffer.alloc(0) : all.subarray(lastEnd);
    return isAscii(whole) ? whole : Buffer.concat(linesOf(whole).map(decodeLine));
  };
}

function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  const ending = bytes.includes('\n') ? '\n' : '\r';
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(ending, at) + 1;
    lines.push(bytes.subarray(at, end === 0 ? bytes.length : end));
    at = end === 0 ? bytes.length : end;
  }
  return lines;
}
