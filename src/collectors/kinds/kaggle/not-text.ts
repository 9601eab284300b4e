import { byteOrderMarkOf } from '../../../text/decode-text.ts';

/** The first bytes of ZIP, gzip, bzip2, xz, 7-Zip and RAR archives. */
const ARCHIVES = [
  'PK\x03\x04',
  'PK\x05\x06',
  '\x1f\x8b',
  'BZh',
  '\xfd7zXZ',
  '7z\xbc\xaf\x27\x1c',
  'Rar!\x1a\x07',
];
/** Texts contain no zero byte; those of spreadsheets and databases are among the first. */
const LOOKED_AT_BYTES = 1024;

/** Why a file that is called a table is none; undefined when it may be one. */
export function whyNotText(start: Buffer): 'nested_archive' | 'not_text' | undefined {
  const looked = start.subarray(0, LOOKED_AT_BYTES);
  const text = looked.toString('latin1');
  if (ARCHIVES.some((mark) => text.startsWith(mark))) return 'nested_archive';
  const isUtf16 = byteOrderMarkOf(start)?.encoding.startsWith('utf-16') === true;
  return !isUtf16 && looked.includes(0) ? 'not_text' : undefined;
}
