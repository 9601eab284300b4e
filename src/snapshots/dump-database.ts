import { pipeline, Readable, type Transform } from 'node:stream';
import { createGzip } from 'node:zlib';
import mongoose, { type ClientSession, type Connection } from 'mongoose';
import { z } from 'zod';
import type { SnapshotConsistency, SnapshotDocument } from '../database/collections/snapshot.ts';
import { definedFields } from '../domain/defined-fields.ts';
import { TransientError } from '../domain/job-errors.ts';
import {
  CollectionCounter,
  FORMAT_VERSION,
  namespaceText,
  type CollectionMetadata,
  type CollectionTotals,
  type Namespace,
} from './archive-format.ts';
import { encodeEnd, encodePrelude, encodeSegment } from './archive-writer.ts';
import { databaseOf, readRawDocuments } from './raw-documents.ts';

const { EJSON } = mongoose.mongo.BSON;

/**
 * Children before their parents: writes continue during a dump without a snapshot session, and so no dumped document
 * lacks its run or source.
 */
const ORDER = ['documents', 'logs', 'playlist_items', 'runs', 'sources', 'playlists', 'videos'];
const SEGMENT_BYTES = 1024 ** 2;
const SEGMENT_DOCUMENTS = 1_000;

/** Name, document count, bytes and CRC of a dumped collection, as they are stored in `snapshots`. */
export type RecordedCollection = SnapshotDocument['collections'][number];

export interface DumpOptions {
  readonly connection: Connection;
  /** A snapshot session; without it, collections are read one after the other. */
  readonly session?: ClientSession | undefined;
  readonly signal: AbortSignal;
  readonly onDocuments?: ((count: number) => void) | undefined;
}

/**
 * Dumps all collections of a database as a gzipped archive, without views and `system.*`. Reading starts with the first
 * chunk and stays at most a few megabytes ahead.
 * @returns `info` is complete when all chunks have been read.
 */
export function dumpDatabase(dump: DumpOptions) {
  const collections: RecordedCollection[] = [];
  const consistency: SnapshotConsistency = dump.session === undefined ? 'per-collection' : 'snapshot';
  return {
    chunks: pipeThrough(archiveOf(dump, collections), createGzip({ chunkSize: 256 * 1024 })),
    info: () => ({ consistency, collections }),
  };
}

/** Sends bytes through a transform; errors and an early end are passed on in both directions. */
export function pipeThrough(source: AsyncIterable<Uint8Array>, transform: Transform): AsyncIterable<Buffer> {
  // Errors reach whoever reads the transform.
  pipeline(Readable.from(source), transform, () => undefined);
  return transform as AsyncIterable<Buffer>;
}

const versionSchema = z.object({ version: z.string() });

async function* archiveOf(dump: DumpOptions, dumped: RecordedCollection[]): AsyncGenerator<Buffer, void> {
  const collections = await describeCollections(dump.connection);
  const server = versionSchema.parse(await databaseOf(dump.connection).command({ buildInfo: 1 }));
  yield encodePrelude({
    header: {
      concurrent_collections: 1,
      version: FORMAT_VERSION,
      server_version: server.version,
      tool_version: 'sonotheque',
    },
    collections,
  });
  for (const namespace of collections) {
    const counter = new CollectionCounter();
    for await (const documents of readSegments(dump, namespace)) {
      for (const document of documents) counter.add(document);
      yield encodeSegment(namespace, documents);
      dump.onDocuments?.(documents.length);
    }
    const totals = counter.totals();
    yield encodeEnd(namespace, totals.crc);
    dumped.push(recordedCollection(namespace, totals));
  }
}

export function recordedCollection(namespace: Namespace, totals: CollectionTotals): RecordedCollection {
  return { namespace: namespaceText(namespace), ...totals, crc: String(totals.crc) };
}

async function* readSegments(
  { connection, session, signal }: DumpOptions,
  { collection }: Namespace,
): AsyncGenerator<Uint8Array[], void> {
  let documents: Uint8Array[] = [];
  let bytes = 0;
  const source = databaseOf(connection).collection(collection);
  for await (const document of readRawDocuments(source, definedFields({ session }))) {
    documents.push(document);
    bytes += document.byteLength;
    if (bytes < SEGMENT_BYTES && documents.length < SEGMENT_DOCUMENTS) continue;
    signal.throwIfAborted();
    yield documents;
    documents = [];
    bytes = 0;
  }
  signal.throwIfAborted();
  if (documents.length > 0) yield documents;
}

const infoSchema = z.object({
  name: z.string(),
  type: z.string().default('collection'),
  options: z.record(z.string(), z.unknown()).default({}),
  info: z.object({ uuid: z.unknown().optional() }).default({}),
});

/** All collections with their options and indexes, in the order in which they are dumped. */
async function describeCollections(connection: Connection): Promise<CollectionMetadata[]> {
  const database = databaseOf(connection);
  const infos = z.array(infoSchema).parse(await database.listCollections().toArray());
  const collections = infos
    .filter(({ name, type }) => type === 'collection' && !name.startsWith('system.'))
    // Unknown collections come first (-1): their parents are not known.
    .sort((a, b) => ORDER.indexOf(a.name) - ORDER.indexOf(b.name) || (a.name < b.name ? -1 : 1));
  return await Promise.all(
    collections.map(async ({ name, options, info }): Promise<CollectionMetadata> => {
      const indexes = await database.collection(name).listIndexes().toArray();
      const uuid = info.uuid instanceof mongoose.mongo.Binary ? info.uuid.toString('hex') : undefined;
      const metadata = EJSON.stringify(
        definedFields({ indexes, uuid, collectionName: name, type: 'collection', options }),
        { relaxed: false },
      );
      return { db: database.databaseName, collection: name, metadata, size: 0, type: 'collection' };
    }),
  );
}

const helloSchema = z.object({ setName: z.string().optional(), msg: z.string().optional() });

/**
 * Opens a session that reads all collections as of one instant.
 * @returns undefined where the server cannot do that; replica sets and sharded clusters can.
 * @throws TransientError when the server does not answer.
 */
export async function openSnapshotSession(connection: Connection): Promise<ClientSession | undefined> {
  let session: ClientSession | undefined;
  try {
    const database = databaseOf(connection);
    const { setName, msg } = helloSchema.parse(await database.command({ hello: 1 }));
    if (setName === undefined && msg !== 'isdbgrid') return undefined;
    session = await connection.startSession({ snapshot: true });
    // Only a read shows whether the server supports it.
    await database.collection('snapshots').findOne({}, { session });
    return session;
  } catch (error) {
    await session?.endSession();
    if (error instanceof Error && /^Mongo(Network|ServerSelection)/.test(error.name)) {
      throw new TransientError('network', 'MongoDB does not answer.', { cause: error });
    }
    return undefined;
  }
}

/** MongoDB's SnapshotTooOld and SnapshotUnavailable: the dump took longer than the server keeps old versions. */
const SNAPSHOT_EXPIRED_CODES = [239, 246];

/** Whether a dump failed because the server no longer has the versions that its session reads. */
export function isSnapshotExpired(error: unknown): boolean {
  return SNAPSHOT_EXPIRED_CODES.includes(Number((error as { code?: unknown } | undefined)?.code));
}
