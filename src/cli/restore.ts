import { stat } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { loadConfig } from '../config/load.ts';
import { openDatabase } from '../database/database.ts';
import { ArchiveError } from '../snapshots/archive-format.ts';
import { checkArchive, differencesOf, type CheckedArchive } from '../snapshots/check-archive.ts';
import { databaseOf } from '../snapshots/native-database.ts';
import { planRestore, restoreArchive } from '../snapshots/restore-archive.ts';
import { openSnapshotFile } from '../snapshots/snapshot-file.ts';
import { snapshotTime } from '../snapshots/snapshot-names.ts';
import { listSnapshotObjects, openSnapshot, readChecksum } from '../snapshots/snapshot-objects.ts';
import { documentsOf } from '../snapshots/snapshot-text.ts';
import { formatTextTable } from '../text/text-table.ts';
import { OperatorError } from '../domain/job-errors.ts';
import { createProgress } from '../runtime/progress-bar.ts';
import { UserError } from '../runtime/user-error.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { openAzureStore, openMinioStore } from '../storage/open-stores.ts';
import { createRestoreCommand, parseRestoreOptions } from './restore/options.ts';
import { runCommand } from './run-command.ts';
import { readPassphrase } from './snapshot/passphrase.ts';

const command = createRestoreCommand();

/** Where the archive comes from: it is read twice, once to check it and once to restore it. */
interface Source {
  readonly name: string;
  readonly sha256: string | undefined;
  open(onBytes: (moved: number) => void): Promise<AsyncIterable<Uint8Array>>;
}

await runCommand(async (signal) => {
  const options = parseRestoreOptions(command.parse().opts());
  const config = loadConfig(process.env);
  const passphrase = await readPassphrase(options.encryptWith, config.snapshots.passphrase);
  const store = openStore();
  // Nothing is created in a database that is going to be restored.
  const database = await openDatabase(config.mongo, 'sonotheque-restore', { prepare: false });
  try {
    const source = await findSource(command.args[0] ?? '', store);
    if (source === undefined) {
      const nothing = { name: null, database: null, dryRun: options.dryRun, collections: [] };
      process.stdout.write(
        options.json ? `${JSON.stringify(nothing)}\n` : 'There is no snapshot yet; nothing was restored.\n',
      );
      return 0;
    }
    const target = databaseOf(database.connection, options.into);
    const checked = await check(source);
    const plan = await planRestore(checked.prelude, target);
    const counts = options.dryRun
      ? new Map<string, number>()
      : await showing('Restoring', documentsOf(checked.collections), async (onDocuments) =>
          restoreArchive(await source.open(() => undefined), {
            target,
            drop: options.drop,
            signal,
            onDocuments,
          }),
        );
    const rows = plan.map(({ collection, present }) => {
      const archived =
        checked.collections.find(({ namespace }) => namespace.endsWith(`.${collection}`))?.count ?? 0;
      return { collection, archived, present: present ?? 0, restored: counts.get(collection) ?? 0 };
    });
    const isRefused = options.dryRun && !options.drop && rows.some(({ present }) => present > 0);
    const { name } = source;
    if (options.json) {
      const report = { name, database: target.databaseName, dryRun: options.dryRun, collections: rows };
      process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
    } else {
      const table = formatTextTable(
        [
          { heading: 'COLLECTION' },
          { heading: 'IN THE SNAPSHOT', align: 'right' },
          { heading: 'BEFORE', align: 'right' },
          { heading: 'RESTORED', align: 'right' },
        ],
        rows.map((row) => [row.collection, String(row.archived), String(row.present), String(row.restored)]),
      );
      const refusal = isRefused ? ' It would be refused without --drop.' : '';
      const end = options.dryRun
        ? `${name} is whole and would be restored into ${target.databaseName}; nothing was done.${refusal}`
        : `${name} was restored into ${target.databaseName}.`;
      process.stdout.write(`${table}\n${end}\n`);
    }
    return 0;
  } catch (error) {
    if (error instanceof ArchiveError) {
      throw new UserError(
        `The snapshot is damaged: ${error.message} Another one may be good: npm run snapshot -- --list`,
        {
          exitCode: 3,
          cause: error,
        },
      );
    }
    throw error;
  } finally {
    store.close();
    await database.close();
  }

  function openStore(): ObjectStore {
    if (!options.fromMirror) return openMinioStore(config.minio, config.storage);
    if (config.azure !== undefined) return openAzureStore(config.azure, config.storage);
    throw new UserError('--from-mirror needs Azure: set AZURE_STORAGE_CONNECTION_STRING.', { exitCode: 2 });
  }

  /** @returns undefined when there is none and none is needed. */
  async function findSource(wanted: string, from: ObjectStore): Promise<Source | undefined> {
    if (wanted !== 'latest' && snapshotTime(wanted) === undefined) {
      const file = path.resolve(wanted);
      const info = await stat(file).catch(() => undefined);
      if (info?.isFile() !== true) {
        throw new UserError(
          `${wanted} is neither a snapshot nor a file. \`npm run snapshot -- --list\` lists them.`,
          {
            exitCode: 2,
          },
        );
      }
      return { name: wanted, sha256: undefined, open: () => openSnapshotFile(file, passphrase) };
    }
    const isOptional = options.ifAny && wanted === 'latest';
    const objects = await listSnapshotObjects(from, signal).catch((error: unknown) => {
      // A bucket that nobody has made yet has no snapshots.
      if (isOptional && error instanceof OperatorError && error.errorClass === 'storage_missing') return [];
      throw error;
    });
    const found = wanted === 'latest' ? objects[0] : objects.find(({ name }) => name === wanted);
    if (found === undefined) {
      if (isOptional) return undefined;
      throw new UserError(`There is no ${wanted === 'latest' ? 'snapshot' : wanted} in ${from.container}.`);
    }
    const { name } = found;
    const sha256 = await readChecksum(from, name, signal);
    return { name, sha256, open: (onBytes) => openSnapshot(from, name, { signal, onBytes }) };
  }

  /** Before anything is touched: what was dropped for a damaged snapshot would be gone. */
  async function check(source: Source): Promise<CheckedArchive> {
    const checked = await showing('Checking', undefined, async (onBytes) =>
      checkArchive(await source.open(onBytes)),
    );
    const differences = differencesOf(checked, { sha256: source.sha256 });
    if (differences.length > 0) throw new ArchiveError(differences.join(' '));
    return checked;
  }
});

async function showing<T>(
  label: string,
  total: number | undefined,
  work: (count: (by: number) => void) => Promise<T>,
): Promise<T> {
  const unit = total === undefined ? 'bytes' : 'documents';
  const progress = createProgress({ label, unit, ...(total === undefined ? {} : { total }) });
  try {
    return await work((by) => {
      progress.increment(by);
    });
  } finally {
    progress.stop();
  }
}
