import type { mongo } from 'mongoose';
import { namespaceText, type ArchivePrelude, type CollectionMetadata } from './archive-format.ts';
import { UserError } from '../runtime/user-error.ts';
import { checkArchive } from './check-archive.ts';
import { CollectionRestorer } from './restore-collections.ts';

/** One collection of an archive and what a restore finds in its place. */
export interface RestorePlanItem {
  readonly collection: string;
  /** Documents there now; undefined when there is no such collection. */
  readonly present: number | undefined;
}

/**
 * Looks what is where an archive is going to be restored.
 * @throws UserError when the archive holds several databases.
 */
export async function planRestore(prelude: ArchivePrelude, target: mongo.Db): Promise<RestorePlanItem[]> {
  const restorer = new CollectionRestorer(target);
  const items: RestorePlanItem[] = [];
  for (const { collection } of restorable(prelude)) {
    items.push({ collection, present: await restorer.present(collection) });
  }
  return items;
}

/** What a restore does. */
export interface RestoreRun {
  readonly target: mongo.Db;
  /** Removes collections of the same names first; otherwise they must be empty. */
  readonly drop: boolean;
  readonly signal: AbortSignal;
  readonly onDocuments?: (count: number) => void;
}

/**
 * Writes all collections of an archive into a database, documents first, then indexes. The archive should have been
 * checked before: what was dropped is gone.
 * @returns how many documents each collection got.
 * @throws UserError when a collection is not empty and may not be dropped; ArchiveError when the archive is damaged.
 */
export async function restoreArchive(
  source: AsyncIterable<Uint8Array>,
  run: RestoreRun,
): Promise<ReadonlyMap<string, number>> {
  const restorer = new CollectionRestorer(run.target);
  const counts = new Map<string, number>();
  let collections: readonly CollectionMetadata[] = [];
  await checkArchive(source, async (part) => {
    run.signal.throwIfAborted();
    switch (part.kind) {
      case 'prelude':
        collections = restorable(part.prelude);
        await makeRoom(restorer, part.prelude, run);
        for (const collection of collections) {
          await restorer.create(collection);
          counts.set(collection.collection, 0);
        }
        break;
      case 'documents': {
        const { collection } = part.namespace;
        const before = counts.get(collection);
        if (before === undefined) break;
        await restorer.insert(collection, part.documents);
        counts.set(collection, before + part.documents.length);
        run.onDocuments?.(part.documents.length);
        break;
      }
      case 'end':
        break;
    }
  });
  for (const collection of collections) {
    run.signal.throwIfAborted();
    await restorer.buildIndexes(collection);
  }
  return counts;
}

async function makeRoom(
  restorer: CollectionRestorer,
  prelude: ArchivePrelude,
  { drop, target }: RestoreRun,
): Promise<void> {
  const plan = await planRestore(prelude, target);
  const full = plan.filter(({ present = 0 }) => present > 0);
  if (full.length > 0 && !drop) {
    const names = full.map(({ collection, present }) => `${collection} (${String(present)})`).join(', ');
    throw new UserError(
      `The database ${target.databaseName} is not empty: ${names}. Restore --into another one, or --drop these first.`,
    );
  }
  if (!drop) return;
  for (const { collection, present } of plan) if (present !== undefined) await restorer.drop(collection);
}

/** The collections of the one database that an archive holds; those of the server itself are left out. */
function restorable({ collections }: ArchivePrelude): CollectionMetadata[] {
  const own = collections.filter(
    ({ db, collection, type }) =>
      !['admin', 'config', 'local', ''].includes(db) && !collection.startsWith('system.') && type !== 'view',
  );
  const [first] = own;
  const other = own.find(({ db }) => db !== first?.db);
  if (first !== undefined && other !== undefined) {
    throw new UserError(
      `The archive holds several databases (${namespaceText(first)}, ${namespaceText(other)}); use mongorestore for it.`,
    );
  }
  return own;
}
