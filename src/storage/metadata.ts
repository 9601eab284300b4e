/** User metadata of an object before it is encoded; undefined values are left out. */
export type PlainMetadata = Readonly<Record<string, string | undefined>>;

/** The largest metadata that an object may have. */
export interface MetadataLimits {
  /** Bytes of one encoded value. */
  readonly valueBytes: number;
  /** Bytes of all keys and encoded values. */
  readonly totalBytes: number;
}

/**
 * S3 allows 2 KiB of user metadata, and MinIO counts the prefix `x-amz-meta-` of every key. Azure allows 8 KiB, so there
 * is space for the keys that the mirror adds.
 */
export const S3_METADATA_LIMITS: MetadataLimits = { valueBytes: 512, totalBytes: 2000 };

const KEY = /^[a-z_][a-z0-9_]*$/;
const KEY_PREFIX_BYTES = 'x-amz-meta-'.length;

/**
 * Encodes metadata for HTTP headers: values are percent-encoded and cut between code points, in the given order until the
 * limit is reached (put first what must not be lost). Empty values are dropped, as the stores do.
 * @throws RangeError when a key is not of the form `[a-z_][a-z0-9_]*` (Azure's rule, in lower case).
 */
export function encodeMetadata(
  metadata: PlainMetadata,
  limits: MetadataLimits = S3_METADATA_LIMITS,
): Record<string, string> {
  const encoded = new Map<string, string>();
  let leftBytes = limits.totalBytes;
  for (const [key, value] of Object.entries(metadata)) {
    if (!KEY.test(key)) throw new RangeError(`${JSON.stringify(key)} is not a valid metadata key.`);
    const keyBytes = key.length + KEY_PREFIX_BYTES;
    const text = encodeValue(value ?? '', Math.min(limits.valueBytes, leftBytes - keyBytes));
    if (text === '') continue;
    leftBytes -= keyBytes + text.length;
    encoded.set(key, text);
  }
  // Unlike an assignment, this keeps a key such as `__proto__`.
  return Object.fromEntries(encoded);
}

/** Decodes metadata of a response or listing: keys in lower case, values decoded if they are encoded. */
export function decodeMetadata(raw: PlainMetadata): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(raw).flatMap(([key, value]) =>
      value === undefined ? [] : [[key.toLowerCase(), decodeValue(value)]],
    ),
  );
}

/** Turns a key of another program (`Mtime`, `x-id`) into one that every store accepts. */
export function portableMetadataKey(key: string): string {
  const portable = key.toLowerCase().replace(/[^a-z0-9_]/g, '_');
  return /^[0-9]/.test(portable) ? `_${portable}` : portable;
}

function encodeValue(value: string, maxBytes: number): string {
  // encodeURIComponent throws on lone surrogates.
  const whole = encodeURIComponent(value.toWellFormed());
  if (whole.length <= maxBytes) return whole;
  let cut = '';
  for (const codePoint of value.toWellFormed()) {
    const encoded = encodeURIComponent(codePoint);
    if (cut.length + encoded.length > maxBytes) break;
    cut += encoded;
  }
  return cut;
}

function decodeValue(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    // Another program wrote it, with a plain percent sign.
    return value;
  }
}
