import path from 'node:path';
import process from 'node:process';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/config.ts';
import { openDatabase, type Database } from '../database/database.ts';
import { pruneSnapshots } from '../snapshots/prune-snapshots.ts';
import { recoverRecords } from '../snapshots/recover-records.ts';
import { writeSnapshotFile } from '../snapshots/snapshot-file.ts';
import {
  documentsOf,
  formatCollections,
  formatRetention,
  formatSnapshots,
} from '../snapshots/snapshot-text.ts';
import { takeSnapshot } from '../snapshots/take-snapshot.ts';
import { verifySnapshot } from '../snapshots/verify-snapshot.ts';
import { formatBytes } from '../text/units.ts';
import { createProgress } from '../runtime/progress-bar.ts';
import { UserError } from '../runtime/user-error.ts';
import type { AzureBlobStore } from '../storage/azure-blob-store.ts';
import type { MinioStore } from '../storage/minio-store.ts';
import { openAzureStore, openMinioStore } from '../storage/open-stores.ts';
import { mirrorSnapshot } from '../snapshots/mirror-snapshot.ts';
import { runCommand } from './run-command.ts';
import { createSnapshotCommand, parseSnapshotOptions, type SnapshotOptions } from './snapshot/options.ts';
import { readPassphrase } from './snapshot/passphrase.ts';

const EXIT_DRIFT = 3;
const MANUAL_NOTE = 'Snapshot MongoDB manuel';
const SHOWN = 50;

interface Setting {
  readonly config: Config;
  readonly options: SnapshotOptions;
  readonly database: Database;
  readonly store: MinioStore;
  readonly mirror: AzureBlobStore | undefined;
  readonly signal: AbortSignal;
}

const command = createSnapshotCommand();

await runCommand(async (signal) => {
  const options = parseSnapshotOptions(command.parse().opts());
  const config = loadConfig(process.env);
  const database = await openDatabase(config.mongo, 'sonotheque-snapshot');
  const store = openMinioStore(config.minio, config.storage);
  const mirror = config.azure === undefined ? undefined : openAzureStore(config.azure, config.storage);
  const setting: Setting = { config, options, database, store, mirror, signal };
  try {
    if (options.at !== undefined) return await writeTo(path.resolve(options.at), setting);
    if (options.list) return await list(setting);
    if (options.prune) return await prune(setting);
    return options.verify === undefined ? await take(setting) : await verify(options.verify, setting);
  } finally {
    mirror?.close();
    store.close();
    await database.close();
  }
});

async function take(setting: Setting): Promise<number> {
  const { config, options, database, store, mirror, signal } = setting;
  const progress = createProgress({ label: 'Saving', unit: 'documents' });
  let sentBytes = 0;
  let taken;
  try {
    taken = await takeSnapshot(
      {
        database,
        store,
        versionLogFile: config.versionLogFile,
        signal,
        onDocuments: (count) => {
          progress.increment(count);
        },
        onBytes: (moved) => {
          progress.note(formatBytes((sentBytes += moved)));
        },
        onWarning: (message, error) => {
          console.error(`${message}: ${error.message}`);
        },
      },
      MANUAL_NOTE,
    );
  } finally {
    progress.stop();
  }
  const { problems } = await verifySnapshot({ database, store, depth: 'bytes', signal }, taken.name);
  const isMirrored = mirror !== undefined && problems.length === 0;
  if (isMirrored) await mirrorSnapshot({ source: store, target: mirror }, taken.name, { signal });
  const { name, size, sha256, consistency, collections } = taken;
  print(
    options,
    { name, bucket: store.container, size, sha256, consistency, collections, isMirrored, problems },
    [
      formatCollections(collections),
      `${name}: ${formatBytes(size ?? 0)}, ${String(documentsOf(collections))} documents, SHA-256 ${sha256 ?? ''}`,
      problems.length === 0
        ? `Stored in ${store.container}, read again and found good${isMirrored ? ', mirrored to Azure' : ''}.`
        : `Stored in ${store.container} and found damaged: ${problems.join(' ')}`,
    ].join('\n'),
  );
  return problems.length === 0 ? 0 : EXIT_DRIFT;
}

async function verify(wanted: string | true, setting: Setting): Promise<number> {
  const { options, database, store, signal } = setting;
  await refreshRecord(setting);
  const name = wanted === true ? (await database.snapshots.latestStored())?._id : wanted;
  if (name === undefined) {
    throw new UserError('There are no snapshots to verify. `npm run snapshot` makes one.');
  }
  const record = await database.snapshots.find(name);
  if (record?.status !== 'stored') {
    throw new UserError(
      `There is no snapshot ${name} in the bucket. \`npm run snapshot -- --list\` lists them.`,
    );
  }
  const progress = createProgress({
    label: 'Verifying',
    unit: 'bytes',
    ...(record.size ? { total: record.size } : {}),
  });
  let verified;
  try {
    const onBytes = (moved: number) => {
      progress.increment(moved);
    };
    verified = await verifySnapshot({ database, store, depth: 'restored', signal, onBytes }, name);
  } finally {
    progress.stop();
  }
  const { problems, found } = verified;
  print(
    options,
    { name, isGood: problems.length === 0, problems, collections: found?.collections ?? [] },
    problems.length === 0
      ? `${formatCollections(found?.collections ?? [])}\n${name} is good: every checksum and count is right, and a restored copy is equal.`
      : `${name} is damaged: ${problems.join(' ')}`,
  );
  return problems.length === 0 ? 0 : EXIT_DRIFT;
}

async function list(setting: Setting): Promise<number> {
  await refreshRecord(setting);
  const snapshots = await setting.database.snapshots.recent(SHOWN);
  print(setting.options, { snapshots }, formatSnapshots(snapshots));
  return 0;
}

async function prune(setting: Setting): Promise<number> {
  const { config, options, database, store, mirror, signal } = setting;
  await refreshRecord(setting);
  const plan = await pruneSnapshots({
    snapshots: database.snapshots,
    keep: config.snapshots.keep,
    stores: mirror === undefined ? [store] : [mirror, store],
    dryRun: options.dryRun,
    signal,
  });
  const pruned = plan.filter(({ isKept }) => !isKept).length;
  const end = options.dryRun
    ? `${String(pruned)} of ${String(plan.length)} would be removed; nothing was done.`
    : `${String(pruned)} of ${String(plan.length)} were removed.`;
  print(options, { plan, pruned, dryRun: options.dryRun }, `${formatRetention(plan)}\n${end}`.trim());
  return 0;
}

async function writeTo(file: string, { config, options, database, signal }: Setting): Promise<number> {
  const passphrase = await readPassphrase(options.encryptWith, config.snapshots.passphrase);
  const progress = createProgress({ label: 'Saving', unit: 'documents' });
  let written;
  try {
    const onDocuments = (count: number) => {
      progress.increment(count);
    };
    const dump = { connection: database.connection, signal, onDocuments };
    written = await writeSnapshotFile(file, dump, passphrase);
  } finally {
    progress.stop();
  }
  const how = written.isEncrypted ? 'encrypted' : 'not encrypted';
  print(
    options,
    written,
    `${formatCollections(written.collections)}\n${file}: ${formatBytes(written.size)}, ${how}, SHA-256 ${written.sha256}`,
  );
  return 0;
}

async function refreshRecord({ database, store, signal }: Setting): Promise<void> {
  await recoverRecords({ snapshots: database.snapshots, store, signal, at: new Date() });
}

function print(options: SnapshotOptions, json: unknown, text: string): void {
  process.stdout.write(`${options.json ? JSON.stringify(json, undefined, 2) : text}\n`);
}
