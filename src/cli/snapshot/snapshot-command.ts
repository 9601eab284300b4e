import path from 'node:path';
import { mirrorSnapshot } from '../../snapshots/snapshot-objects.ts';
import type { Config } from '../../config/config.ts';
import { type Database } from '../../database/database.ts';
import { pruneSnapshots } from '../../snapshots/prune-snapshots.ts';
import { reconcileRecords } from '../../snapshots/reconcile-records.ts';
import { writeSnapshotFile } from '../../snapshots/snapshot-file.ts';
import {
  documentsOf,
  formatCollections,
  formatRetention,
  formatSnapshots,
} from '../../snapshots/snapshot-text.ts';
import { takeSnapshot } from '../../snapshots/take-snapshot.ts';
import { verifySnapshot } from '../../snapshots/verify-snapshot.ts';
import { formatBytes } from '../../text/units.ts';
import { UserError } from '../../runtime/user-error.ts';
import type { AzureBlobStore } from '../../storage/azure-blob-store.ts';
import type { MinioStore } from '../../storage/minio-store.ts';
import { openAzureStore, openMinioStore } from '../../storage/open-stores.ts';
import { printResult, withProgress } from '../command/output.ts';
import { EXIT_UNHEALTHY } from '../command/run-command.ts';
import type { SnapshotOptions } from './options.ts';
import { readPassphrase } from './passphrase.ts';
import type { CloseAtEnd } from '../command/run-command.ts';
import { commandConfig } from '../command/config.ts';
import { openRecords } from '../command/servers.ts';
import { userPath } from '../command/user-path.ts';

const MANUAL_NOTE = 'Snapshot MongoDB manuel';
const LISTED_SNAPSHOTS = 50;

interface Context {
  readonly config: Config;
  readonly options: SnapshotOptions;
  readonly database: Database;
  readonly store: MinioStore;
  readonly mirror: AzureBlobStore | undefined;
  readonly signal: AbortSignal;
}

/** Saves the database, or verifies, lists or prunes snapshots. @returns the exit code */
export async function snapshot(
  options: SnapshotOptions,
  signal: AbortSignal,
  closeAtEnd: CloseAtEnd,
): Promise<number> {
  const config = commandConfig();
  const context: Context = {
    config,
    options,
    database: await openRecords(config, { name: 'sonotheque-snapshot', writes: true }, closeAtEnd),
    store: closeAtEnd(openMinioStore(config.minio, config.storage)),
    mirror: config.azure && closeAtEnd(openAzureStore(config.azure, config.storage)),
    signal,
  };
  if (options.at !== undefined) return await writeFile(path.resolve(userPath(options.at)), context);
  if (options.list) return await list(context);
  if (options.prune) return await prune(context);
  return options.verify === undefined ? await take(context) : await verify(options.verify, context);
}

async function take({ config, options, database, store, mirror, signal }: Context): Promise<number> {
  let sentBytes = 0;
  const taken = await withProgress({ label: 'Saving', unit: 'documents' }, (progress) =>
    takeSnapshot(
      {
        database,
        store,
        versionLogFile: config.versionLogFile,
        signal,
        onDocuments: progress.increment,
        onBytes: (moved) => {
          sentBytes += moved;
          progress.note(() => formatBytes(sentBytes));
        },
        onWarning: (message, error) => {
          console.error(`${message}: ${error.message}`);
        },
      },
      MANUAL_NOTE,
    ),
  );
  const { problems } = await verifySnapshot({ database, store, depth: 'bytes', signal }, taken.name);
  const isMirrored = mirror !== undefined && problems.length === 0;
  if (isMirrored) await mirrorSnapshot({ source: store, target: mirror }, taken.name, { signal });
  const { name, size, sha256, consistency, collections } = taken;
  printResult(
    options.json,
    { name, bucket: store.container, size, sha256, consistency, collections, isMirrored, problems },
    [
      formatCollections(collections),
      `${name}: ${formatBytes(size ?? 0)}, ${String(documentsOf(collections))} documents, SHA-256 ${sha256 ?? ''}`,
      problems.length === 0
        ? `Stored in ${store.container} and verified${isMirrored ? ', mirrored to Azure' : ''}.`
        : `Stored in ${store.container}, but damaged: ${problems.join(' ')}`,
    ].join('\n'),
  );
  return problems.length === 0 ? 0 : EXIT_UNHEALTHY;
}

async function verify(wanted: string | true, context: Context): Promise<number> {
  const { options, database, store, signal } = context;
  await updateRecords(context);
  const name = wanted === true ? (await database.snapshots.latestStored())?._id : wanted;
  if (name === undefined) {
    throw new UserError('There are no snapshots to verify. `npm run snapshot` creates one.');
  }
  const record = await database.snapshots.findById(name);
  if (record?.status !== 'stored') {
    throw new UserError(
      `There is no snapshot ${name} in the bucket. \`npm run snapshot -- --list\` lists them.`,
    );
  }
  const { problems, found } = await withProgress({ label: 'Verifying', unit: 'bytes' }, (progress) => {
    if (record.size) progress.setTotal(record.size);
    return verifySnapshot({ database, store, depth: 'restored', signal, onBytes: progress.increment }, name);
  });
  const collections = found?.collections ?? [];
  printResult(
    options.json,
    { name, isGood: problems.length === 0, problems, collections },
    problems.length === 0
      ? `${formatCollections(collections)}\n${name} is intact: all checksums and counts match, and a restored copy is equal.`
      : `${name} is damaged: ${problems.join(' ')}`,
  );
  return problems.length === 0 ? 0 : EXIT_UNHEALTHY;
}

async function list(context: Context): Promise<number> {
  await updateRecords(context);
  const snapshots = await context.database.snapshots.recent(LISTED_SNAPSHOTS);
  printResult(context.options.json, { snapshots }, formatSnapshots(snapshots));
  return 0;
}

async function prune(context: Context): Promise<number> {
  const { config, options, database, store, mirror, signal } = context;
  await updateRecords(context);
  const { dryRun = false } = options;
  const plan = await pruneSnapshots({
    snapshots: database.snapshots,
    keep: config.snapshots.keep,
    stores: mirror === undefined ? [store] : [mirror, store],
    dryRun,
    signal,
  });
  const pruned = plan.filter(({ isKept }) => !isKept).length;
  const summary = `${String(pruned)} of ${String(plan.length)} snapshots ${dryRun ? 'would be removed; nothing was changed' : 'were removed'}.`;
  printResult(options.json, { plan, pruned, dryRun }, `${formatRetention(plan)}\n${summary}`.trim());
  return 0;
}

async function writeFile(file: string, { config, options, database, signal }: Context): Promise<number> {
  const passphrase = await readPassphrase(options.encryptWith, config.snapshots.passphrase);
  const written = await withProgress({ label: 'Saving', unit: 'documents' }, (progress) => {
    const dump = { connection: database.connection, signal, onDocuments: progress.increment };
    return writeSnapshotFile(file, dump, passphrase);
  });
  const encryption = written.isEncrypted ? 'encrypted' : 'not encrypted';
  printResult(
    options.json,
    written,
    `${formatCollections(written.collections)}\n${file}: ${formatBytes(written.size)}, ${encryption}, SHA-256 ${written.sha256}`,
  );
  return 0;
}

/** Brings the records in MongoDB in line with the snapshots in the bucket. */
async function updateRecords({ database, store, signal }: Context): Promise<void> {
  await reconcileRecords({ snapshots: database.snapshots, store, signal, at: new Date() });
}
