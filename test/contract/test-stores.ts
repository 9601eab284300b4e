import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { Readable } from 'node:stream';
import type { AzureConfig, MinioConfig, StorageLimits } from '../../src/config/config.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import type { AzureBlobStore } from '../../src/storage/azure-blob-store.ts';
import { checksumFile } from '../../src/storage/checksums.ts';
import type { MinioStore } from '../../src/storage/minio-store.ts';
import type { ObjectInfo, ObjectStore } from '../../src/storage/object-store.ts';
import { openAzureStore, openMinioStore } from '../../src/storage/open-stores.ts';

/** A signal that is never aborted. */
export const untilDone = new AbortController().signal;

/** Long enough for a busy machine. */
export const LIMITS: StorageLimits = { stallMs: 20_000, deadlineMs: 60_000 };

/** The configuration of the test servers, with a new bucket and container name. */
export function storeAddresses(): { minio: MinioConfig; azure: AzureConfig } {
  const name = `test-${randomBytes(6).toString('hex')}`;
  const config = parseConfig({
    REDIS_URL: 'redis://127.0.0.1',
    MONGO_URL: 'mongodb://127.0.0.1',
    ...process.env,
    MINIO_BUCKET: name,
    AZURE_CONTAINER: name,
  });
  if (config.azure === undefined) throw new Error('AZURE_STORAGE_CONNECTION_STRING is not set.');
  return { minio: config.minio, azure: config.azure };
}

/** The Azure connection string with the address of a proxy. */
export function azureVia(azure: AzureConfig, proxy: { host: string; port: number }): AzureConfig {
  if (azure.kind !== 'connection-string') throw new Error('The tests need a connection string.');
  const connectionString = azure.connectionString.replace(
    /BlobEndpoint=http:\/\/[^/;]+/,
    `BlobEndpoint=http://${proxy.host}:${String(proxy.port)}`,
  );
  return { ...azure, connectionString };
}

/** Host, port and account of the blob endpoint of a connection string. */
export function azureEndpoint(azure: AzureConfig): { host: string; port: number; account: string } {
  const text = azure.kind === 'connection-string' ? azure.connectionString : azure.accountUrl;
  const [, host = '', port = '', account = ''] =
    /BlobEndpoint=http:\/\/([^:/;]+):(\d+)\/([^/;]+)/.exec(text) ?? [];
  return { host, port: Number(port), account };
}

/** Stores content under a name. */
export type PutContent = (name: string, content: Buffer, metadata?: Record<string, string>) => Promise<void>;

/** Both stores, with bucket and container, and a directory for files; `close` removes all. */
export interface TestStores {
  readonly minio: MinioStore;
  readonly azure: AzureBlobStore;
  readonly minioConfig: MinioConfig;
  readonly azureConfig: AzureConfig;
  readonly directory: string;
  /** Stores content in MinIO as uploads do. */
  readonly putMinio: PutContent;
  readonly putAzure: PutContent;
  close(): Promise<void>;
}

/** Opens both stores on the servers of the test run. */
export async function openTestStores(): Promise<TestStores> {
  const { minio: minioConfig, azure: azureConfig } = storeAddresses();
  const minio = openMinioStore(minioConfig, LIMITS);
  const azure = openAzureStore(azureConfig, LIMITS);
  await Promise.all([minio.ensureContainer(untilDone), azure.ensureContainer(untilDone)]);
  const directory = await mkdtemp(path.join(tmpdir(), 'sonotheque-stores-'));
  return {
    minio,
    azure,
    minioConfig,
    azureConfig,
    directory,
    putMinio: async (name, content, metadata = {}) => {
      const file = path.join(directory, randomBytes(8).toString('hex'));
      await writeFile(file, content);
      const sums = await checksumFile(file);
      const put = { name, file, contentType: 'audio/mpeg', metadata, ...sums };
      await minio.putFile(put, { signal: untilDone });
      await rm(file);
    },
    putAzure: async (name, content, metadata = {}) => {
      const md5 = createHash('md5').update(content).digest('hex');
      const put = { sizeBytes: content.byteLength, md5, contentType: 'audio/mpeg', metadata };
      await azure.putBlob(name, () => Promise.resolve(Readable.from([content])), put, { signal: untilDone });
    },
    close: async () => {
      await Promise.all([empty(minio), empty(azure)]);
      minio.close();
      azure.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function empty(store: ObjectStore): Promise<void> {
  for await (const page of store.list('', untilDone)) {
    await Promise.all(page.map(({ name }) => store.remove(name, untilDone)));
  }
}

/** All objects of a listing. */
export async function listAll(store: ObjectStore, prefix = ''): Promise<ObjectInfo[]> {
  const all: ObjectInfo[] = [];
  for await (const page of store.list(prefix, untilDone)) all.push(...page);
  return all;
}
