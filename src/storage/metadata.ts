/** Decoded user metadata of an object. */
export type Metadata = Readonly<Record<string, string>>;

/** What the metadata of one object may take. */
export interface MetadataLimits {
  /** Bytes of one encoded value. */
  readonly valueBytes: number;
  /** Bytes of all keys and encoded values. */
  readonly totalBytes: number;
}

/**
 * S3 allows 2 KiB of user metadata, and MinIO counts the prefix `x-amz-meta-` of every key; Azure allows 8 KiB.
 * The difference is for what the mirror adds.
 */
export const METADATA_LIMITS: MetadataLimits = { valueBytes: 512, totalBytes: 2000 };

const KEY = /^[a-z_][a-z0-9_]*$/;
const KEY_PREFIX_BYTES = 'x-amz-meta-'.length;

/**
 * Makes metadata fit for headers: values percent-encoded, cut at whole code points, in the order given until the
 * space is used up (so put first what must not be lost). Empty values are dropped, as the stores do.
 * @throws RangeError when a key is not of the form `[a-z_][a-z0-9_]*` (Azure's rule, in lower case).
 */
export function encodeMetadata(
  metadata: Readonly<Record<string, string | undefined>>,
  limits: MetadataLimits = METADATA_LIMITS,
): Record<string, string> {
  const encoded: Record<string, string> = {};
  let leftBytes = limits.totalBytes;
  for (const [key, value] of Object.entries(metadata)) {
    if (!KEY.test(key)) throw new RangeError(`${JSON.stringify(key)} is no metadata key.`);
    if (value === undefined || value === '') continue;
    leftBytes -= key.length + KEY_PREFIX_BYTES;
    const text = encodeValue(value, Math.min(limits.valueBytes, leftBytes));
    if (text === '') {
      leftBytes += key.length + KEY_PREFIX_BYTES;
      continue;
    }
    leftBytes -= text.length;
    encoded[key] = text;
  }
  return encoded;
}

/** Reads metadata from headers or listings: keys in lower case, values decoded where they are encoded. */
export function decodeMetadata(raw: Readonly<Record<string, string | undefined>>): Metadata {
  const decoded: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [key, value] of Object.entries(raw)) {
    if (value !== undefined) decoded[key.toLowerCase()] = decodeValue(value);
  }
  return { ...decoded };
}

/** Makes a key of another program's (`Mtime`, `x-id`) one that every store takes. */
export function portableMetadataKey(key: string): string {
  const portable = key.toLowerCase().replace(/[^a-z0-9_]/g, '_');
  return /^[0-9]/.test(portable) ? `_${portable}` : portable;
}

function encodeValue(value: string, maxBytes: number): string {
  // A string without lone surrogates always encodes.
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
    // Written by another program, with a percent sign of its own.
    return value;
  }
}
