import { pipeline, Readable, type Transform } from 'node:stream';
import { createGzip } from 'node:zlib';
import mongoose, { type ClientSession, type Connection } from 'mongoose';
import { z } from 'zod';
import type { SnapshotConsistency, SnapshotDocument } from '../database/collection-documents.ts';
import { TransientError } from '../domain/job-errors.ts';
import { namespaceText, FORMAT_VERSION, type CollectionMetadata, type Namespace } from './archive-format.ts';
import { ArchiveWriter } from './archive-writer.ts';
import { databaseOf } from './native-database.ts';

const { EJSON } = mongoose.mongo.BSON;

/** Things before what they belong to: read one after the other, a document is then never without its run or source. */
const ORDER = ['documents', 'logs', 'playlist_items', 'runs', 'sources', 'playlists', 'videos'];
const SEGMENT_BYTES = 1024 ** 2;
const SEGMENT_DOCUMENTS = 1_000;
const BATCH_DOCUMENTS = 1_000;

/** What a collection of a snapshot holds, as its record has it. */
export type RecordedCollection = SnapshotDocument['collections'][number];

/** What was dumped; complete once the chunks have come to their end. */
export interface DumpInfo {
  readonly consistency: SnapshotConsistency;
  readonly collections: readonly RecordedCollection[];
}

/** A dump and whom it tells. */
export interface Dump {
  readonly connection: Connection;
  /** Reads all collections as of one instant. */
  readonly session?: ClientSession;
  readonly signal: AbortSignal;
  readonly onDocuments?: (count: number) => void;
}

/**
 * Dumps all collections of a database as a gzipped archive; views and `system.*` are left out. Nothing is read before
 * the chunks are asked for, and no more than a few megabytes ahead of them.
 */
export function dumpDatabase(dump: Dump): { readonly chunks: AsyncIterable<Buffer>; info(): DumpInfo } {
  const collections: RecordedCollection[] = [];
  return {
    chunks: through(archiveOf(dump, collections), createGzip({ chunkSize: 256 * 1024 })),
    info: () => ({
      consistency: dump.session === undefined ? 'per-collection' : 'snapshot',
      collections,
    }),
  };
}

/** Sends bytes through a transform; an error or an early end of either end reaches the other. */
export function through(source: AsyncIterable<Uint8Array>, transform: Transform): AsyncIterable<Buffer> {
  // The reader of the transform hears of every error.
  pipeline(Readable.from(source), transform, () => undefined);
  return transform as AsyncIterable<Buffer>;
}

async function* archiveOf(dump: Dump, done: RecordedCollection[]): AsyncGenerator<Buffer, void> {
  const writer = new ArchiveWriter();
  const collections = await describeCollections(dump.connection);
  yield writer.prelude({
    header: {
      concurrentCollections: 1,
      version: FORMAT_VERSION,
      serverVersion: await serverVersion(dump.connection),
      toolVersion: 'sonotheque',
    },
    collections,
  });
  for (const namespace of collections) {
    for await (const documents of readDocuments(dump, namespace)) {
      yield writer.documents({ namespace, documents, starts: true, ends: true });
      dump.onDocuments?.(documents.length);
    }
    const { bytes, totals } = writer.end(namespace);
    yield bytes;
    const { count, bytes: documentBytes, crc } = totals;
    done.push({
      namespace: namespaceText(namespace),
      count,
      bytes: documentBytes,
      crc: String(crc),
    });
  }
}

async function* readDocuments(
  { connection, session, signal }: Dump,
  { collection }: Namespace,
): AsyncGenerator<Uint8Array[], void> {
  const cursor = databaseOf(connection)
    .collection(collection)
    .find({}, { raw: true, batchSize: BATCH_DOCUMENTS, ...(session === undefined ? {} : { session }) });
  let documents: Uint8Array[] = [];
  let bytes = 0;
  for await (const document of cursor as AsyncIterable<unknown>) {
    if (!(document instanceof Uint8Array)) throw new TypeError('The driver did not give a document raw.');
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
  const dumped = infos
    .filter(({ name, type }) => type === 'collection' && !name.startsWith('system.'))
    .sort((left, right) => rank(left.name) - rank(right.name) || (left.name < right.name ? -1 : 1));
  return await Promise.all(
    dumped.map(async ({ name, options, info }): Promise<CollectionMetadata> => {
      const indexes = await database.collection(name).listIndexes().toArray();
      const uuid = info.uuid instanceof mongoose.mongo.Binary ? info.uuid.toString('hex') : undefined;
      const metadata = EJSON.stringify(
        {
          indexes,
          ...(uuid === undefined ? {} : { uuid }),
          collectionName: name,
          type: 'collection',
          options,
        },
        { relaxed: false },
      );
      return { db: database.databaseName, collection: name, metadata, size: 0, type: 'collection' };
    }),
  );
}

/** Collections that are not named come first, as nothing is known of what they belong to. */
function rank(name: string): number {
  return ORDER.indexOf(name);
}

async function serverVersion(connection: Connection): Promise<string> {
  const answer = await databaseOf(connection).command({ buildInfo: 1 });
  return z.object({ version: z.string() }).parse(answer).version;
}

const helloSchema = z.object({ setName: z.string().optional(), msg: z.string().optional() });

/**
 * Opens a session that reads all collections as of one instant, where the server can do that: a replica set or a
 * sharded cluster. @returns undefined where it cannot.
 */
export async function openSnapshotSession(connection: Connection): Promise<ClientSession | undefined> {
  let session: ClientSession | undefined;
  try {
    const database = databaseOf(connection);
    const { setName, msg } = helloSchema.parse(await database.command({ hello: 1 }));
    if (setName === undefined && msg !== 'isdbgrid') return undefined;
    session = await connection.startSession({ snapshot: true });
    // Only a read tells whether the server takes part.
    await database.collection('snapshots').findOne({}, { session });
    return session;
  } catch (error) {
    await session?.endSession();
    if (isConnectionLost(error)) {
      throw new TransientError('network', 'MongoDB does not answer.', { cause: error });
    }
    return undefined;
  }
}

/** SnapshotTooOld and SnapshotUnavailable: the dump took longer than the server keeps an instant. */
const INSTANT_GONE = [239, 246];

/** Whether a dump failed because the server has forgotten the instant that it reads. */
export function isInstantGone(error: unknown): boolean {
  return INSTANT_GONE.includes(Number((error as { code?: unknown } | undefined)?.code));
}

function isConnectionLost(error: unknown): boolean {
  return error instanceof Error && /^Mongo(Network|ServerSelection)/.test(error.name);
}
