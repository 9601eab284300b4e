import { hash } from 'node:crypto';
import type { Connection } from 'mongoose';
import { namespaceText } from './archive-format.ts';
import { checkArchive, type CheckedArchive } from './check-archive.ts';
import { databaseOf, readRawDocuments } from './raw-documents.ts';
import { CollectionRestorer } from './restore-collections.ts';

/** Scratch databases of killed verifications are removed after this time. */
const STALE_MS = 24 * 3_600_000;
/** MongoDB limits the names of databases to 63 bytes. */
const MAX_BASE_CHARACTERS = 36;

/**
 * Restores an archive into a scratch database, indexes included, and compares the result with the archive: counts and
 * a content hash of each collection. The scratch database is always removed.
 * @returns what the archive contains, and one sentence for each difference.
 * @throws ArchiveError when the archive is damaged.
 */
export async function trialRestore(
  connection: Connection,
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<{ readonly found: CheckedArchive; readonly problems: readonly string[] }> {
  const prefix = `${connection.name.slice(0, MAX_BASE_CHARACTERS)}_verify_`;
  await removeStale(connection, prefix);
  const scratch = databaseOf(connection, `${prefix}${String(Date.now())}`);
  const restorer = new CollectionRestorer(scratch);
  const archived = new Map<string, ContentHash>();
  try {
    const found = await checkArchive(source, async (part) => {
      signal.throwIfAborted();
      if (part.kind === 'prelude') {
        for (const collection of part.prelude.collections) {
          archived.set(namespaceText(collection), new ContentHash());
          await restorer.create(collection);
        }
      } else if (part.kind === 'documents') {
        const hash = archived.get(namespaceText(part.namespace));
        for (const document of part.documents) hash?.add(document);
        await restorer.insert(part.namespace.collection, part.documents);
      }
    });
    const problems: string[] = [];
    for (const collection of found.prelude.collections) {
      const name = namespaceText(collection);
      const expected = archived.get(name) ?? new ContentHash();
      const restored = new ContentHash();
      for await (const document of readRawDocuments(scratch.collection(collection.collection))) {
        signal.throwIfAborted();
        restored.add(document);
      }
      if (restored.count !== expected.count) {
        problems.push(
          `${name}: ${String(restored.count)} documents were restored, ${String(expected.count)} are in the archive.`,
        );
      } else if (restored.digest() !== expected.digest()) {
        problems.push(`${name}: the restored documents differ from those in the archive.`);
      }
      // After the comparison: a TTL index may remove expired documents.
      await restorer.buildIndexes(collection);
      const missing = await restorer.missingIndexes(collection);
      if (missing.length > 0) problems.push(`${name}: indexes were not restored: ${missing.join(', ')}.`);
    }
    return { found, problems };
  } finally {
    await scratch.dropDatabase();
  }
}

/**
 * A digest of a set of documents in any order: the sum of their SHA-256 digests, as eight numbers of 32 bits. It detects
 * accidents, not documents that somebody has built to collide.
 */
class ContentHash {
  readonly #sums = new Uint32Array(8);
  count = 0;

  add(document: Uint8Array): void {
    const digest = hash('sha256', document, 'buffer');
    for (const [index, sum] of this.#sums.entries()) {
      this.#sums[index] = sum + digest.readUInt32LE(index * 4);
    }
    this.count += 1;
  }

  digest(): string {
    return Buffer.from(this.#sums.buffer).toString('hex');
  }
}

/** Without the right to list databases, nothing is removed. */
async function removeStale(connection: Connection, prefix: string): Promise<void> {
  const { databases } = await databaseOf(connection)
    .admin()
    .listDatabases({ nameOnly: true })
    .catch(() => ({ databases: [] }));
  for (const { name } of databases) {
    const time = name.startsWith(prefix) ? name.slice(prefix.length) : '';
    if (/^\d{13}$/.test(time) && Date.now() - Number(time) > STALE_MS) {
      await databaseOf(connection, name).dropDatabase();
    }
  }
}
