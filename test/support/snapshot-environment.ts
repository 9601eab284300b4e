import { openAzureStore, openMinioStore } from '../../src/storage/open-stores.ts';
import { takeSnapshot, type SnapshotDependencies } from '../../src/snapshots/take-snapshot.ts';
import { checksumKey, snapshotKey } from '../../src/snapshots/snapshot-names.ts';
import { verifySnapshot, type VerificationDepth } from '../../src/snapshots/verify-snapshot.ts';
import type { AzureBlobStore } from '../../src/storage/azure-blob-store.ts';
import type { MinioStore } from '../../src/storage/minio-store.ts';
import { startProgram } from './program.ts';
import type { TestEnvironment } from './test-environment.ts';

const never = new AbortController().signal;

/** The stores of a test environment, and what tests of snapshots do with them. */
export interface SnapshotStores {
  readonly store: MinioStore;
  readonly mirror: AzureBlobStore;
  take(overrides?: Partial<SnapshotDependencies>): ReturnType<typeof takeSnapshot>;
  verify(name: string, depth?: VerificationDepth): ReturnType<typeof verifySnapshot>;
  read(name: string): Promise<Buffer>;
  /** Replaces the bytes of a stored snapshot. */
  replace(name: string, bytes: Buffer): Promise<void>;
  /** The names of all objects of the bucket. */
  objects(): Promise<string[]>;
  /** Runs `snapshot` or `restore` in another process. */
  run(
    command: 'snapshot' | 'restore',
    ...args: string[]
  ): Promise<{ code: number | string; out: string; err: string }>;
  close(): void;
}

export function openSnapshotStores(environment: TestEnvironment): SnapshotStores {
  const { config, database, directory, variables } = environment;
  if (config.azure === undefined) throw new Error('The tests need Azurite.');
  const store = openMinioStore(config.minio, config.storage);
  const mirror = openAzureStore(config.azure, config.storage);
  const { versionLogFile } = config;
  return {
    store,
    mirror,
    take: (overrides = {}) =>
      takeSnapshot({ database, store, versionLogFile, signal: never, ...overrides }, 'a test'),
    verify: (name, depth = 'bytes') => verifySnapshot({ database, store, depth, signal: never }, name),
    read: async (name) => {
      const { stream } = await store.openRead(snapshotKey(name), { signal: never });
      return Buffer.concat(await Array.fromAsync(stream as AsyncIterable<Buffer>));
    },
    replace: async (name, bytes) => {
      const content = (async function* () {
        yield await Promise.resolve(bytes);
      })();
      await store.putStream(
        { name: snapshotKey(name), content, contentType: 'application/gzip', metadata: {} },
        { signal: never },
      );
    },
    objects: async () => {
      const names: string[] = [];
      for await (const page of store.list('', never)) names.push(...page.map(({ name }) => name));
      return names.sort();
    },
    run: async (command, ...args) => {
      const program = startProgram(command, args, { variables, directory });
      return { code: await program.ended, out: program.stdout(), err: program.stderr() };
    },
    close: () => {
      store.close();
      mirror.close();
    },
  };
}

/** The names of the objects of a snapshot. */
export function objectsOf(name: string): string[] {
  return [snapshotKey(name), checksumKey(name)];
}
