import mongoose, { type mongo } from 'mongoose';
import { z } from 'zod';
import { unlessNamespaceExists } from '../database/server-errors.ts';
import { TransientError } from '../domain/job-errors.ts';
import { ArchiveError, type CollectionMetadata } from './archive-format.ts';
import { toInsertable } from './raw-documents.ts';

const { EJSON } = mongoose.mongo.BSON;

/** MongoDB limits commands to 16 MiB; a single document always fits. */
const MAX_INSERT_BYTES = 8 * 1024 ** 2;

const metadataSchema = z.object({
  options: z.record(z.string(), z.unknown()).default({}),
  indexes: z.array(z.looseObject({ name: z.string(), key: z.record(z.string(), z.unknown()) })).default([]),
});
const answerSchema = z.object({
  writeErrors: z.array(z.object({ index: z.number(), errmsg: z.string() })).default([]),
});

/** Writes collections of an archive into a database: `create`, then `insert`, then `buildIndexes`. */
export class CollectionRestorer {
  readonly #database: mongo.Db;

  constructor(database: mongo.Db) {
    this.#database = database;
  }

  /** The number of documents in a collection; undefined when it does not exist. */
  async present(collection: string): Promise<number | undefined> {
    const [info] = await this.#database.listCollections({ name: collection }, { nameOnly: true }).toArray();
    return info === undefined ? undefined : await this.#database.collection(collection).countDocuments();
  }

  async drop(collection: string): Promise<void> {
    await this.#database.collection(collection).drop();
  }

  /** Creates a collection with its options, unless it exists. */
  async create({ collection, metadata }: CollectionMetadata): Promise<void> {
    const { options } = parseMetadata(collection, metadata);
    await unlessNamespaceExists(this.#database.command({ create: collection, ...options }));
  }

  /** @throws TransientError when the server refuses a document. */
  async insert(collection: string, documents: readonly Uint8Array[]): Promise<void> {
    let batch: object[] = [];
    let bytes = 0;
    for (const document of documents) {
      if (batch.length > 0 && bytes + document.byteLength > MAX_INSERT_BYTES) {
        await this.#insertBatch(collection, batch);
        batch = [];
        bytes = 0;
      }
      batch.push(toInsertable(document));
      bytes += document.byteLength;
    }
    if (batch.length > 0) await this.#insertBatch(collection, batch);
  }

  /** Call it after the inserts: that is faster, and TTL indexes do not remove documents meanwhile. */
  async buildIndexes({ collection, metadata }: CollectionMetadata): Promise<void> {
    const indexes = parseMetadata(collection, metadata)
      .indexes.filter(({ name }) => name !== '_id_')
      // Old servers wrote their namespace into indexes; it may be another one now.
      .map(({ ns: _ns, background: _background, ...index }) => index);
    if (indexes.length > 0) await this.#database.command({ createIndexes: collection, indexes });
  }

  /** The names of the archive's indexes that the collection lacks. */
  async missingIndexes({ collection, metadata }: CollectionMetadata): Promise<string[]> {
    const existing = z
      .array(z.object({ name: z.string() }))
      .parse(await this.#database.collection(collection).listIndexes().toArray());
    const names = new Set(existing.map(({ name }) => name));
    return parseMetadata(collection, metadata)
      .indexes.map(({ name }) => name)
      .filter((name) => !names.has(name));
  }

  async #insertBatch(collection: string, documents: readonly object[]): Promise<void> {
    const command = { insert: collection, documents, ordered: true };
    const { writeErrors } = answerSchema.parse(await this.#database.command(command));
    const [first] = writeErrors;
    if (first !== undefined) {
      throw new TransientError('unknown', `MongoDB refused a document of ${collection}: ${first.errmsg}`);
    }
  }
}

function parseMetadata(collection: string, metadata: string): z.output<typeof metadataSchema> {
  try {
    // mongodump leaves it empty for collections without options and indexes.
    return metadataSchema.parse(metadata === '' ? {} : EJSON.parse(metadata, { relaxed: false }));
  } catch (error) {
    throw new ArchiveError(`The archive is damaged: invalid metadata of ${collection}.`, { cause: error });
  }
}
