import { stat } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import type { Config } from '../../config/config.ts';
import { ArchiveError } from '../../snapshots/archive-format.ts';
import { checkArchive, differencesOf, type CheckedArchive } from '../../snapshots/check-archive.ts';
import { databaseOf } from '../../snapshots/raw-documents.ts';
import { planRestore, restoreArchive } from '../../snapshots/restore-archive.ts';
import { openSnapshotFile } from '../../snapshots/snapshot-file.ts';
import { snapshotTime } from '../../snapshots/snapshot-names.ts';
import { listSnapshotObjects, openSnapshot, readChecksum } from '../../snapshots/snapshot-objects.ts';
import { documentsOf } from '../../snapshots/snapshot-text.ts';
import { formatTextTable, numbers } from '../../text/tables.ts';
import { UserError } from '../../runtime/user-error.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { openAzureStore, openMinioStore } from '../../storage/open-stores.ts';
import { printResult, withProgress } from '../command/output.ts';
import { usageError } from '../command/run-command.ts';
import { readPassphrase } from '../snapshot/passphrase.ts';
import type { CloseAtEnd } from '../command/run-command.ts';
import { commandConfig } from '../command/config.ts';
import { openRecords } from '../command/servers.ts';
import { userPath } from '../command/user-path.ts';

export interface RestoreOptions extends Partial<
  Record<'ifAny' | 'drop' | 'dryRun' | 'fromMirror' | 'json', boolean>
> {
  readonly into?: string;
  readonly encryptWith?: string;
}

/** The archive to restore; it is read twice: first checked, then restored. */
interface Source {
  readonly name: string;
  readonly sha256: string | undefined;
  open(onBytes?: (moved: number) => void): Promise<AsyncIterable<Uint8Array>>;
}

/** Restores a snapshot. @returns the exit code */
export async function restore(
  wanted: string,
  options: RestoreOptions,
  signal: AbortSignal,
  closeAtEnd: CloseAtEnd,
): Promise<number> {
  const { dryRun = false, drop = false, json = false } = options;
  const config = commandConfig();
  const passphrase = await readPassphrase(options.encryptWith, config.snapshots.passphrase);
  const store = closeAtEnd(openStore(config, options));
  // A database that is about to be restored must stay as it is: no collections or indexes are created.
  const database = await openRecords(config, { name: 'sonotheque-restore', writes: false }, closeAtEnd);
  const source =
    wanted !== 'latest' && snapshotTime(wanted) === undefined
      ? await findFile(wanted, passphrase)
      : await findSnapshot(wanted, store, signal);
  if (source === undefined) {
    if (!(options.ifAny && wanted === 'latest')) {
      throw new UserError(`There is no ${wanted === 'latest' ? 'snapshot' : wanted} in ${store.container}.`);
    }
    const nothing = { name: null, database: null, dryRun, collections: [] };
    process.stdout.write(
      json ? `${JSON.stringify(nothing)}\n` : 'There is no snapshot yet; nothing was restored.\n',
    );
    return 0;
  }
  const { name } = source;
  const target = databaseOf(database.connection, options.into);
  try {
    const checked = await check(source);
    const plan = await planRestore(checked.prelude, target);
    const counts = dryRun
      ? new Map<string, number>()
      : await withProgress({ label: 'Restoring', unit: 'documents' }, async (progress) => {
          progress.setTotal(documentsOf(checked.collections));
          const onDocuments = progress.increment;
          return await restoreArchive(await source.open(), { target, drop, signal, onDocuments });
        });
    const rows = plan.map(({ collection, present = 0 }) => {
      const archived = checked.collections.find(({ namespace }) => namespace.endsWith(`.${collection}`));
      return { collection, archived: archived?.count ?? 0, present, restored: counts.get(collection) ?? 0 };
    });
    const needsDrop = dryRun && !drop && rows.some(({ present }) => present > 0);
    const result = dryRun
      ? `${name} is intact and would be restored into ${target.databaseName}; nothing was changed.${needsDrop ? ' Without --drop it would be refused.' : ''}`
      : `${name} was restored into ${target.databaseName}.`;
    const table = formatTextTable(
      ['COLLECTION', ...numbers('IN THE SNAPSHOT', 'BEFORE', 'RESTORED')],
      rows.map((row) => [row.collection, String(row.archived), String(row.present), String(row.restored)]),
    );
    const report = { name, database: target.databaseName, dryRun, collections: rows };
    printResult(json, report, `${table}\n${result}`);
    return 0;
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    throw new UserError(
      `The snapshot is damaged: ${error.message} List the others with \`npm run snapshot -- --list\`.`,
      { exitCode: 3, cause: error },
    );
  }
}

function openStore(config: Config, { fromMirror }: RestoreOptions): ObjectStore {
  if (!fromMirror) return openMinioStore(config.minio, config.storage);
  if (config.azure !== undefined) return openAzureStore(config.azure, config.storage);
  throw usageError('--from-mirror needs Azure: set AZURE_STORAGE_CONNECTION_STRING.');
}

async function findFile(wanted: string, passphrase: string | undefined): Promise<Source> {
  const file = path.resolve(userPath(wanted));
  const info = await stat(file).catch(() => undefined);
  if (info?.isFile() !== true) {
    throw usageError(
      `${wanted} is neither a snapshot nor a file. \`npm run snapshot -- --list\` lists the snapshots.`,
    );
  }
  return { name: wanted, sha256: undefined, open: () => openSnapshotFile(file, passphrase) };
}

/** @returns undefined when the store does not have it. */
async function findSnapshot(
  wanted: string,
  store: ObjectStore,
  signal: AbortSignal,
): Promise<Source | undefined> {
  const objects = await listSnapshotObjects(store, signal);
  const found = wanted === 'latest' ? objects[0] : objects.find(({ name }) => name === wanted);
  if (found === undefined) return undefined;
  const { name } = found;
  const sha256 = await readChecksum(store, name, signal);
  return {
    name,
    sha256,
    open: (onBytes) => openSnapshot(store, name, { signal, ...(onBytes && { onBytes }) }),
  };
}

/** Checks the whole archive before anything is changed: dropped collections cannot be brought back. */
async function check(source: Source): Promise<CheckedArchive> {
  const checked = await withProgress({ label: 'Checking', unit: 'bytes' }, async (progress) =>
    checkArchive(await source.open(progress.increment)),
  );
  const differences = differencesOf(checked, { sha256: source.sha256 });
  if (differences.length > 0) throw new ArchiveError(differences.join(' '));
  return checked;
}
