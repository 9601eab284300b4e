import mongoose from 'mongoose';
import { z } from 'zod';

const { BSON } = mongoose.mongo;

/** The first bytes of an archive: 0x8199e26d, least significant byte first. */
export const MAGIC = Buffer.from([0x6d, 0xe2, 0x99, 0x81]);
/** Ends the prelude and each segment. As the length of a document it would be negative. */
export const TERMINATOR = Buffer.from([0xff, 0xff, 0xff, 0xff]);
/** The only version there is. */
export const FORMAT_VERSION = '0.1';
/** A document of MongoDB has at most 16 MiB; what comes of a server may have a little more around it. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 ** 2 + 16 * 1024;
/** Length and the zero at the end. */
export const MIN_DOCUMENT_BYTES = 5;

/** The first document of an archive. */
export interface ArchiveHeader {
  readonly concurrentCollections: number;
  readonly version: string;
  readonly serverVersion: string;
  readonly toolVersion: string;
}

/** What an archive says of one collection before its documents. */
export interface CollectionMetadata {
  readonly db: string;
  readonly collection: string;
  /** Options and indexes in canonical Extended JSON v2, as in the `metadata.json` files of mongodump. */
  readonly metadata: string;
  readonly size: number;
  /** `timeseries`, `view` or empty; old archives say nothing. */
  readonly type?: string;
}

/** All that precedes the documents. */
export interface ArchivePrelude {
  readonly header: ArchiveHeader;
  readonly collections: readonly CollectionMetadata[];
}

/** The place of documents. */
export interface Namespace {
  readonly db: string;
  readonly collection: string;
}

/**
 * A piece of an archive. The documents of a segment may come in several pieces; the first `starts` it, the last
 * `ends` it. After `end` a collection has no more documents. The documents are only good until the next piece is read.
 */
export type ArchivePart =
  | { readonly kind: 'prelude'; readonly prelude: ArchivePrelude }
  | {
      readonly kind: 'documents';
      readonly namespace: Namespace;
      readonly documents: readonly Uint8Array[];
      readonly starts: boolean;
      readonly ends: boolean;
    }
  | { readonly kind: 'end'; readonly namespace: Namespace; readonly totals: CollectionTotals };

/** What was counted of one collection. */
export interface CollectionTotals {
  readonly count: number;
  readonly bytes: number;
  /** CRC-64 over the documents, unsigned. */
  readonly crc: bigint;
}

/** The bytes are no archive, or one that was damaged or cut. */
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

const headerSchema = z
  .object({
    concurrent_collections: z.number(),
    version: z.string(),
    server_version: z.string(),
    tool_version: z.string(),
  })
  .transform((raw): ArchiveHeader => ({
    concurrentCollections: raw.concurrent_collections,
    version: raw.version,
    serverVersion: raw.server_version,
    toolVersion: raw.tool_version,
  }));
const metadataSchema = z
  .object({
    db: z.string(),
    collection: z.string(),
    metadata: z.string(),
    size: z.number(),
    type: z.string().optional(),
  })
  .transform(({ type, ...raw }): CollectionMetadata => ({ ...raw, ...(type === undefined ? {} : { type }) }));
const namespaceHeaderSchema = z.object({
  db: z.string(),
  collection: z.string(),
  EOF: z.boolean(),
  CRC: z.bigint(),
});
/** What precedes a segment or, with `EOF`, ends a collection; its CRC is a signed integer in the file. */
type NamespaceHeader = z.output<typeof namespaceHeaderSchema>;

/** The first document, as bytes. */
export function encodeHeader(header: ArchiveHeader): Uint8Array {
  return BSON.serialize({
    concurrent_collections: header.concurrentCollections,
    version: header.version,
    server_version: header.serverVersion,
    tool_version: header.toolVersion,
  });
}

/** What the archive says of a collection, as bytes. */
export function encodeMetadata({ db, collection, metadata, size, type }: CollectionMetadata): Uint8Array {
  return BSON.serialize({ db, collection, metadata, size, ...(type === undefined ? {} : { type }) });
}

/** The head of a segment, or the end of a collection with the CRC of its documents. */
export function encodeNamespaceHeader({ db, collection }: Namespace, endCrc?: bigint): Uint8Array {
  return BSON.serialize({
    db,
    collection,
    EOF: endCrc !== undefined,
    CRC: mongoose.mongo.Long.fromBigInt(BigInt.asIntN(64, endCrc ?? 0n)),
  });
}

/** @throws ArchiveError when it is none. */
export function decodeHeader(bytes: Uint8Array): ArchiveHeader {
  return decode('header', headerSchema, bytes);
}

/** @throws ArchiveError when it is none. */
export function decodeMetadata(bytes: Uint8Array): CollectionMetadata {
  return decode('description of a collection', metadataSchema, bytes);
}

/** @throws ArchiveError when it is none. */
export function decodeNamespaceHeader(bytes: Uint8Array): NamespaceHeader {
  const header = decode('head of a segment', namespaceHeaderSchema, bytes);
  return { ...header, CRC: BigInt.asUintN(64, header.CRC) };
}

function decode<T>(what: string, schema: z.ZodType<T>, bytes: Uint8Array): T {
  let raw: unknown;
  try {
    raw = BSON.deserialize(bytes, { useBigInt64: true });
  } catch (error) {
    throw new ArchiveError(`A ${what} of the archive is not BSON.`, { cause: error });
  }
  const { data, error } = schema.safeParse(raw);
  if (data === undefined) throw new ArchiveError(`A ${what} of the archive lacks fields.`, { cause: error });
  return data;
}
