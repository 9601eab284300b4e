import type { mongo } from 'mongoose';
import { UserError } from '../runtime/user-error.ts';
import { namespaceText, type ArchivePrelude, type CollectionMetadata } from './archive-format.ts';
import { checkArchive } from './check-archive.ts';
import { CollectionRestorer } from './restore-collections.ts';

/**
 * The collections that a restore would write, and how many documents the target has in each now (undefined when it has no
 * such collection).
 * @throws UserError when the archive contains several databases.
 */
export async function planRestore(prelude: ArchivePrelude, target: mongo.Db) {
  const restorer = new CollectionRestorer(target);
  return await Promise.all(
    restorableCollections(prelude).map(async ({ collection }) => {
      return { collection, present: await restorer.present(collection) };
    }),
  );
}

export interface RestoreOptions {
  readonly target: mongo.Db;
  /** Drops collections of the same names first; otherwise they must be empty. */
  readonly drop: boolean;
  readonly signal: AbortSignal;
  readonly onDocuments?: (count: number) => void;
}

/**
 * Writes all collections of an archive into a database, documents first, then indexes. Check the archive before:
 * what has been dropped cannot be brought back.
 * @returns the number of documents written to each collection.
 * @throws UserError when a collection is not empty and may not be dropped; ArchiveError when the archive is damaged.
 */
export async function restoreArchive(
  source: AsyncIterable<Uint8Array>,
  options: RestoreOptions,
): Promise<ReadonlyMap<string, number>> {
  const restorer = new CollectionRestorer(options.target);
  const counts = new Map<string, number>();
  let collections: readonly CollectionMetadata[] = [];
  await checkArchive(source, async (part) => {
    options.signal.throwIfAborted();
    if (part.kind === 'prelude') {
      collections = restorableCollections(part.prelude);
      await prepareTarget(restorer, part.prelude, options);
      for (const collection of collections) {
        await restorer.create(collection);
        counts.set(collection.collection, 0);
      }
    } else if (part.kind === 'documents') {
      const { collection } = part.namespace;
      const before = counts.get(collection);
      // Of a collection that is not restored.
      if (before === undefined) return;
      await restorer.insert(collection, part.documents);
      counts.set(collection, before + part.documents.length);
      options.onDocuments?.(part.documents.length);
    }
  });
  for (const collection of collections) {
    options.signal.throwIfAborted();
    await restorer.buildIndexes(collection);
  }
  return counts;
}

async function prepareTarget(
  restorer: CollectionRestorer,
  prelude: ArchivePrelude,
  { drop, target }: RestoreOptions,
): Promise<void> {
  const plan = await planRestore(prelude, target);
  const full = plan.filter(({ present = 0 }) => present > 0);
  if (full.length > 0 && !drop) {
    const names = full.map(({ collection, present }) => `${collection} (${String(present)})`).join(', ');
    throw new UserError(
      `The database ${target.databaseName} is not empty: ${names}. Restore --into another database, or --drop these collections first.`,
    );
  }
  if (!drop) return;
  for (const { collection, present } of plan) if (present !== undefined) await restorer.drop(collection);
}

/** The collections of the one database in an archive, without those of the server itself. */
function restorableCollections({ collections }: ArchivePrelude): CollectionMetadata[] {
  const own = collections.filter(
    ({ db, collection, type }) =>
      !['admin', 'config', 'local', ''].includes(db) && !collection.startsWith('system.') && type !== 'view',
  );
  const [first] = own;
  const other = own.find(({ db }) => db !== first?.db);
  if (first !== undefined && other !== undefined) {
    throw new UserError(
      `The archive contains several databases (${namespaceText(first)}, ${namespaceText(other)}); use mongorestore.`,
    );
  }
  return own;
}
