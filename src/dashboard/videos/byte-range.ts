/** A part of a content: both bytes are in it. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Reads the header Range of a GET request (RFC 9110 §14.1.2 and §14.2). The parser of Express answers a suffix that is longer
 * than the content with 416, where the whole content is asked for.
 * @returns undefined when the whole content is to be sent: without the header, with another unit, a wrong syntax, or several
 *   ranges, which a server may ignore; `unsatisfiable` when no byte of the range exists.
 */
export function parseByteRange(
  header: string | undefined,
  sizeBytes: number,
): ByteRange | 'unsatisfiable' | undefined {
  const [, firstText = '', lastText = ''] = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(header ?? '') ?? [];
  if (firstText === '' && lastText === '') return undefined;
  if (firstText === '') {
    const suffixBytes = Math.min(Number(lastText), sizeBytes);
    return suffixBytes === 0 ? 'unsatisfiable' : { first: sizeBytes - suffixBytes, last: sizeBytes - 1 };
  }
  const first = Number(firstText);
  // A range that ends before it begins is invalid, and an invalid one is ignored.
  if (lastText !== '' && Number(lastText) < first) return undefined;
  if (first >= sizeBytes) return 'unsatisfiable';
  return { first, last: lastText === '' ? sizeBytes - 1 : Math.min(Number(lastText), sizeBytes - 1) };
}
