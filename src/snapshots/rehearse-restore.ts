import { type Connection, type mongo } from 'mongoose';
import { z } from 'zod';
import { namespaceText, type ArchivePart, type CollectionMetadata } from './archive-format.ts';
import { checkArchive, type CheckedArchive } from './check-archive.ts';
import { ContentHash } from './content-hash.ts';
import { databaseOf } from './native-database.ts';
import { CollectionRestorer } from './restore-collections.ts';

/** A database that a killed verification left is removed by a later one after this time. */
const STALE_MS = 24 * 3_600_000;
const MAX_BASE_CHARACTERS = 36;

/**
 * Restores an archive into a scratch database, indexes included, and compares what is then there with the archive:
 * counts and a content hash for each collection. The scratch database is removed whatever happens.
 * @returns what was found, and what differs.
 * @throws ArchiveError when the archive is damaged.
 */
export async function rehearseRestore(
  connection: Connection,
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<{ readonly found: CheckedArchive; readonly problems: readonly string[] }> {
  const prefix = `${connection.name.slice(0, MAX_BASE_CHARACTERS)}_verify_`;
  await removeStale(connection, prefix);
  const scratch = databaseOf(connection, `${prefix}${String(Date.now())}`);
  try {
    const rehearsal = new Rehearsal(scratch);
    const found = await checkArchive(source, async (part) => {
      signal.throwIfAborted();
      await rehearsal.take(part);
    });
    return { found, problems: await rehearsal.compare(found.prelude.collections, signal) };
  } finally {
    await scratch.dropDatabase();
  }
}

class Rehearsal {
  readonly #database: mongo.Db;
  readonly #restorer: CollectionRestorer;
  readonly #archived = new Map<string, ContentHash>();

  constructor(database: mongo.Db) {
    this.#database = database;
    this.#restorer = new CollectionRestorer(database);
  }

  async take(part: ArchivePart): Promise<void> {
    switch (part.kind) {
      case 'prelude':
        for (const collection of part.prelude.collections) {
          this.#archived.set(namespaceText(collection), new ContentHash());
          await this.#restorer.create(collection);
        }
        break;
      case 'documents': {
        const hash = this.#archived.get(namespaceText(part.namespace));
        for (const document of part.documents) hash?.add(document);
        await this.#restorer.insert(part.namespace.collection, part.documents);
        break;
      }
      case 'end':
        break;
    }
  }

  async compare(collections: readonly CollectionMetadata[], signal: AbortSignal): Promise<string[]> {
    const problems: string[] = [];
    for (const collection of collections) {
      const name = namespaceText(collection);
      const archived = this.#archived.get(name) ?? new ContentHash();
      const restored = await this.#hashOf(collection.collection, signal);
      if (restored.count !== archived.count) {
        problems.push(
          `${name}: ${String(restored.count)} documents were restored, ${String(archived.count)} are in the archive.`,
        );
      } else if (restored.digest() !== archived.digest()) {
        problems.push(`${name}: the restored documents differ from those in the archive.`);
      }
      // Last: an index may remove documents whose time is over.
      await this.#restorer.buildIndexes(collection);
      const missing = await this.#restorer.missingIndexes(collection);
      if (missing.length > 0) problems.push(`${name}: indexes were not restored: ${missing.join(', ')}.`);
    }
    return problems;
  }

  async #hashOf(collection: string, signal: AbortSignal): Promise<ContentHash> {
    const hash = new ContentHash();
    const cursor = this.#database.collection(collection).find({}, { raw: true, batchSize: 1_000 });
    for await (const document of cursor as AsyncIterable<unknown>) {
      signal.throwIfAborted();
      if (!(document instanceof Uint8Array)) throw new TypeError('The driver did not give a document raw.');
      hash.add(document);
    }
    return hash;
  }
}

/** Removes what verifications that were killed have left. Not being allowed to look is no reason to fail. */
async function removeStale(connection: Connection, prefix: string): Promise<void> {
  const answer = await connection
    .getClient()
    .db('admin')
    .command({ listDatabases: 1, nameOnly: true })
    .catch(() => ({ databases: [] }));
  const { databases } = z.object({ databases: z.array(z.object({ name: z.string() })) }).parse(answer);
  for (const { name } of databases) {
    const time = name.startsWith(prefix) ? name.slice(prefix.length) : '';
    if (/^\d{13}$/.test(time) && Date.now() - Number(time) > STALE_MS) {
      await databaseOf(connection, name).dropDatabase();
    }
  }
}
