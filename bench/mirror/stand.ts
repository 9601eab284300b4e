import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { BlobServiceClient } from '@azure/storage-blob';
import type { Config } from '../../src/config/config.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { forEachConcurrently } from '../../src/runtime/concurrency.ts';
import { toAzureAccount } from '../../src/storage/azure-account.ts';
import { checksumFile } from '../../src/storage/checksums.ts';
import { openMinioStore } from '../../src/storage/open-stores.ts';
import { createBenchConfig, type BenchConfig } from '../support/bench-config.ts';
import type { SizeName } from './cells.ts';
import { startProxy, sum, type BenchProxy, type Traffic } from './proxy.ts';

/** Made when it is first needed, since the servers may have been started just before. */
function benchConfig(): BenchConfig {
  bench ??= createBenchConfig();
  return bench;
}

/** How the servers are reached: directly, or through proxies that count and delay. */
export interface Route {
  readonly config: Config;
  readonly variables: Readonly<Record<string, string | undefined>>;
  traffic(): Promise<Traffic>;
}

const { signal } = new AbortController();
let bench: BenchConfig | undefined;
const routes = new Map<number | 'direct', Promise<Route>>();
const proxies: BenchProxy[] = [];
const buckets = new Set<string>();
const containers = new Set<string>();
let serial = 0;

/** @param rttMs the round-trip time of the proxies; 0: they count only. */
export function routeOf(rttMs: number | 'direct'): Promise<Route> {
  const known = routes.get(rttMs) ?? openRoute(rttMs);
  routes.set(rttMs, known);
  return known;
}

async function openRoute(rttMs: number | 'direct'): Promise<Route> {
  const { config, variables } = benchConfig();
  if (rttMs === 'direct') {
    return { config, variables, traffic: () => Promise.resolve({ requests: 0, upBytes: 0, downBytes: 0 }) };
  }
  const { azure, minio } = config;
  if (azure?.kind !== 'connection-string') throw new Error('Set AZURE_STORAGE_CONNECTION_STRING.');
  const { hostname, port } = new URL(toAzureAccount(azure).origin);
  const [minioProxy, azureProxy] = await Promise.all([
    startProxy(minio, rttMs),
    startProxy({ host: hostname, port: Number(port) }, rttMs),
  ]);
  proxies.push(minioProxy, azureProxy);
  const through = {
    ...variables,
    MINIO_ENDPOINT: `${minioProxy.host}:${String(minioProxy.port)}`,
    AZURE_STORAGE_CONNECTION_STRING: azure.connectionString.replace(
      `${hostname}:${port}`,
      `${azureProxy.host}:${String(azureProxy.port)}`,
    ),
  };
  return {
    config: parseConfig(through),
    variables: through,
    traffic: async () => sum(await minioProxy.traffic(), await azureProxy.traffic()),
  };
}

/** A route with other names of bucket and container. */
export function named(route: Route, bucket: string, container: string): Route {
  containers.add(container);
  const variables = { ...route.variables, MINIO_BUCKET: bucket, AZURE_CONTAINER: container };
  return { ...route, variables, config: parseConfig(variables) };
}

/** A name that no container has yet. */
export function newContainer(): string {
  serial += 1;
  return `${benchConfig().name}-${String(serial)}`;
}

/** The bucket with the objects of one size, filled at the first call. */
export async function bucketOf(size: SizeName, objects: number, bytes: number): Promise<string> {
  const bucket = `${benchConfig().name}-${size}`;
  if (buckets.has(bucket)) return bucket;
  buckets.add(bucket);
  const names = Array.from({ length: objects }, (_value, index) => nameOf(index));
  await putObjects(bucket, names, bytes);
  return bucket;
}

/** Writes a new version of 1 % of the objects, one at least. */
export async function changeSome(bucket: string, objects: number, bytes: number): Promise<void> {
  const count = Math.max(1, Math.round(objects / 100));
  const names = Array.from({ length: count }, (_value, index) =>
    nameOf(Math.floor((index * objects) / count)),
  );
  await putObjects(bucket, names, bytes);
}

const nameOf = (index: number) => `audio/youtube/${String(index).padStart(7, '0')}.mp3`;

async function putObjects(bucket: string, names: readonly string[], bytes: number): Promise<void> {
  const store = openMinioStore({ ...benchConfig().config.minio, bucket }, benchConfig().config.storage);
  const directory = await mkdtemp(path.join(tmpdir(), 'sonotheque-bench-'));
  const file = path.join(directory, 'object');
  await writeFile(file, randomBytes(bytes));
  const sums = await checksumFile(file);
  await store.ensureContainer(signal);
  const put = { file, contentType: 'audio/mpeg', metadata: { title: 'benchmark' }, ...sums };
  await forEachConcurrently(
    () => names,
    { concurrency: 8, signal },
    async (name) => {
      await store.putFile({ ...put, name }, { signal });
    },
  );
  store.close();
  await rm(directory, { recursive: true });
}

/** Removes containers; without a name all, with the buckets and the proxies. */
export async function cleanUp(only?: string): Promise<void> {
  const { azure, minio, storage } = benchConfig().config;
  if (azure?.kind !== 'connection-string') return;
  const service = BlobServiceClient.fromConnectionString(azure.connectionString);
  for (const container of only === undefined ? containers : [only]) {
    await service.getContainerClient(container).deleteIfExists();
  }
  if (only !== undefined) return;
  for (const bucket of buckets) {
    const store = openMinioStore({ ...minio, bucket }, storage);
    for await (const page of store.list('', signal)) {
      await Promise.all(page.map(({ name }) => store.remove(name, signal)));
    }
    store.close();
  }
  for (const proxy of proxies) proxy.close();
}

/** The variables of a child process. */
export function childEnvironment(variables: Route['variables']): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ...variables,
    MIRROR_COPIES: '32',
    MIRROR_SWEEP_INTERVAL_SECONDS: '0',
    LOG_LEVEL: 'error',
  };
}
