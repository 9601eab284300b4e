import mongoose from 'mongoose';
import { z } from 'zod';
import { Crc64 } from './crc64.ts';

const { BSON } = mongoose.mongo;

/** The first bytes of an archive: 0x8199e26d, little-endian. */
export const MAGIC = Buffer.from([0x6d, 0xe2, 0x99, 0x81]);
/** Ends the prelude and each segment; read as a document length it would be negative. */
export const TERMINATOR = Buffer.from([0xff, 0xff, 0xff, 0xff]);
/** The only version of the format so far. */
export const FORMAT_VERSION = '0.1';
/** MongoDB's limit of 16 MiB for a document, plus what servers allow themselves above it. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 ** 2 + 16 * 1024;
/** An empty document: its length (4 bytes) and the zero at its end. */
export const MIN_DOCUMENT_BYTES = 5;

// The order of the fields is that in the file.
export const headerSchema = z.object({
  concurrent_collections: z.number(),
  version: z.string(),
  server_version: z.string(),
  tool_version: z.string(),
});
export const metadataSchema = z.object({
  db: z.string(),
  collection: z.string(),
  /** Options and indexes in canonical Extended JSON v2, as in the `metadata.json` files of mongodump. */
  metadata: z.string(),
  size: z.number(),
  /** `collection`, `timeseries`, `view` or empty; missing in old archives. */
  type: z.string().exactOptional(),
});
/** Precedes a segment or, with `EOF`, ends a collection. In the file the CRC is a signed integer. */
export const segmentHeaderSchema = z.object({
  db: z.string(),
  collection: z.string(),
  EOF: z.boolean(),
  CRC: z.bigint().transform((crc) => BigInt.asUintN(64, crc)),
});

export type CollectionMetadata = Readonly<z.output<typeof metadataSchema>>;

/** Everything before the first document. */
export interface ArchivePrelude {
  readonly header: Readonly<z.output<typeof headerSchema>>;
  readonly collections: readonly CollectionMetadata[];
}

export interface Namespace {
  readonly db: string;
  readonly collection: string;
}

/**
 * A part of an archive, as it is read. After `end` a collection has no more documents. Documents share memory with the
 * read buffer: they are valid until the next part is read.
 */
export type ArchivePart =
  | { readonly kind: 'prelude'; readonly prelude: ArchivePrelude }
  | {
      readonly kind: 'documents';
      readonly namespace: Namespace;
      readonly documents: readonly Uint8Array[];
    }
  | { readonly kind: 'end'; readonly namespace: Namespace; readonly totals: CollectionTotals };

export interface CollectionTotals {
  readonly count: number;
  readonly bytes: number;
  /** CRC-64 of the documents, unsigned. */
  readonly crc: bigint;
}

/** Counts the documents of one collection. */
export class CollectionCounter {
  readonly #crc = new Crc64();
  #count = 0;
  #bytes = 0;

  add(document: Uint8Array): void {
    this.#crc.update(document);
    this.#count += 1;
    this.#bytes += document.byteLength;
  }

  totals(): CollectionTotals {
    return { count: this.#count, bytes: this.#bytes, crc: this.#crc.digest() };
  }
}

/** The bytes are not an archive, or a damaged or truncated one. */
export class ArchiveError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ArchiveError';
  }
}

/** `database.collection`. */
export function namespaceText({ db, collection }: Namespace): string {
  return `${db}.${collection}`;
}

/** @throws ArchiveError when the bytes are not BSON or not what the schema describes. */
export function decodeDocument<T>(what: string, schema: z.ZodType<T>, bytes: Uint8Array): T {
  let raw: unknown;
  try {
    raw = BSON.deserialize(bytes, { useBigInt64: true });
  } catch (error) {
    throw new ArchiveError(`The archive is damaged: a ${what} is not BSON.`, { cause: error });
  }
  const { data, error } = schema.safeParse(raw);
  if (data === undefined) {
    throw new ArchiveError(`The archive is damaged: a ${what} lacks fields.`, { cause: error });
  }
  return data;
}
