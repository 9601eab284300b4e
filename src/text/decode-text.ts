import { isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';

const BYTE_ORDER_MARKS = [
  { encoding: 'utf-8', bytes: Buffer.from([0xef, 0xbb, 0xbf]) },
  { encoding: 'utf-16le', bytes: Buffer.from([0xff, 0xfe]) },
  { encoding: 'utf-16be', bytes: Buffer.from([0xfe, 0xff]) },
] as const;

/** The byte order mark at the beginning of a text, and the encoding it stands for. */
export function byteOrderMarkOf(text: Uint8Array): (typeof BYTE_ORDER_MARKS)[number] | undefined {
  return BYTE_ORDER_MARKS.find(({ bytes }) => bytes.equals(text.subarray(0, bytes.length)));
}

/** A text from outside, decoded. */
export interface DecodedText {
  /** Without byte order mark; U+FFFD stands for each byte sequence that is invalid in the encoding. */
  readonly text: string;
  /** Its name in the Encoding Standard, such as `utf-8` or `windows-1252`. */
  readonly encoding: string;
  /** How many U+FFFD the decoding put into the text. */
  readonly invalidSequences: number;
}

/** What these encodings make of any bytes is valid, so that a wrong declaration of them goes unnoticed. */
const SINGLE_BYTE = /^(?:windows-\d+|iso-8859-\d+(?:-i)?|koi8-[ru]|macintosh|x-mac-cyrillic|ibm866)$/;
/** So many invalid sequences are mistakes in a text that is declared as UTF-8 and is ASCII otherwise. */
const SPARED_SEQUENCES = 2;
/** Against another declaration UTF-8 must be more than likely: in Thai and Greek texts some sequences are valid. */
const CERTAIN_RATIO = 10;

/**
 * Decodes a text from outside. A byte order mark decides; else the first declared encoding that is known and in which
 * the text is valid or mostly so; else UTF-8; else windows-1252. So a bad byte costs one character and never turns a
 * UTF-8 text into windows-1252. A text that is UTF-8 by its bytes is UTF-8 also where a single-byte encoding is declared,
 * because Latin-1 is practically never valid UTF-8.
 * @param declared labels from the outside in: Content-Type, then the document itself (RFC 7303, section 3)
 */
export function decodeText(bytes: Uint8Array, declared: readonly (string | undefined)[] = []): DecodedText {
  const certain = byteOrderMarkOf(bytes)?.encoding ?? utf16Of(bytes);
  if (certain !== undefined) return decodedAs(bytes, certain);
  // Bytes that are readable one by one are no UTF-16, whatever is declared.
  const encodings = declared
    .map(encodingOf)
    .filter((encoding) => encoding !== undefined)
    .filter((encoding) => !encoding.startsWith('utf-16'));
  const [first = 'utf-8'] = encodings;
  const isContradicted = encodings.some((encoding) => encoding !== 'utf-8');
  const isUndeclared = encodings.length === 0;
  const utf8 = decodedAs(bytes, 'utf-8');
  // Only a declared multi-byte encoding in which everything is valid says more than the bytes do.
  if (first !== 'utf-8' && !SINGLE_BYTE.test(first)) {
    const read = decodedAs(bytes, first);
    if (read.invalidSequences === 0) return read;
  }
  const spared = isContradicted || isUndeclared ? 0 : SPARED_SEQUENCES;
  const weight = isContradicted ? CERTAIN_RATIO : 1;
  if (isPlausible(utf8, weight, spared)) return utf8;
  for (const encoding of encodings) {
    const read = decodedAs(bytes, encoding);
    if (encoding !== 'utf-8' && isPlausible(read)) return read;
  }
  return decodedAs(bytes, 'windows-1252');
}

/**
 * The encoding of a text of which only the beginning is known: UTF-8 when the sample is valid or mostly so, else
 * windows-1252. The last character of the sample may be incomplete. A guess by statistics (chardet) was measured and is
 * worse: it takes short Latin-1 texts for Shift_JIS, and Fon in UTF-8 with one invalid byte for Big5.
 */
export function detectEncoding(sample: Uint8Array): 'utf-8' | 'windows-1252' {
  const read = decodedAs(sample, 'utf-8', { stream: true });
  return isPlausible(read) ? 'utf-8' : 'windows-1252';
}

function decodedAs(bytes: Uint8Array, encoding: string, options?: { readonly stream: true }): DecodedText {
  const text = new TextDecoder(encoding).decode(bytes, options);
  if (encoding === 'utf-8' && isUtf8(bytes)) return { text, encoding, invalidSequences: 0 };
  // A text may contain U+FFFD itself, as three bytes of UTF-8.
  const written =
    encoding === 'utf-8' ? countOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)) : 0;
  return { text, encoding, invalidSequences: Math.max(0, countOf(text) - written) };
}

const REPLACEMENT = '\uFFFD';

function countOf(text: string | Buffer): number {
  let count = 0;
  for (let at = text.indexOf(REPLACEMENT); at !== -1; at = text.indexOf(REPLACEMENT, at + 1)) count += 1;
  return count;
}

/** Whether a text has more characters that only this encoding gives than invalid sequences. */
function isPlausible(read: DecodedText, weight = 1, spared = 0): boolean {
  const { invalidSequences } = read;
  return invalidSequences === 0 || invalidSequences * weight <= Math.max(spared, validCharacters(read));
}

/** The characters of a text that only a right encoding gives: those that are not ASCII. */
function validCharacters({ text, invalidSequences }: DecodedText): number {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7f) count += 1;
  return count - invalidSequences;
}

/** UTF-16 without a mark: every second byte of ASCII is zero (XML 1.0, appendix F). */
function utf16Of([first, second, third, fourth]: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (first !== 0 && second === 0 && third !== 0 && fourth === 0) return 'utf-16le';
  return first === 0 && second !== 0 && third === 0 && fourth !== 0 ? 'utf-16be' : undefined;
}

/** The name of an encoding in the Encoding Standard; undefined for an unknown label. */
function encodingOf(label: string | undefined): string | undefined {
  if (label === undefined) return undefined;
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}
