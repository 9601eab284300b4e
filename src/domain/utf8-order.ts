const FIRST_SURROGATE = 0xd800;
const FIRST_BEHIND_SURROGATES = 0xe000;

/**
 * The order of the UTF-8 bytes of two well-formed texts, in which S3 lists names and MongoDB compares strings. JavaScript compares
 * UTF-16 code units: surrogates, which stand for what is beyond the Basic Multilingual Plane, come before its last characters there.
 * @returns less than, equal to or more than 0
 */
export function compareUtf8(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const [a, b] = [left.charCodeAt(index), right.charCodeAt(index)];
    if (a !== b) return rankOf(a) - rankOf(b);
  }
  return left.length - right.length;
}

/** Surrogates behind all other code units. */
function rankOf(codeUnit: number): number {
  const isSurrogate = codeUnit >= FIRST_SURROGATE && codeUnit < FIRST_BEHIND_SURROGATES;
  return isSurrogate ? codeUnit + 0x10_000 : codeUnit;
}
