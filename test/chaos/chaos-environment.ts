import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { demoEnvironment } from '../../local/demo/demo-environment.ts';
import { controlSampleChannel } from '../../local/sample-channel/control-client.ts';
import type { SpawnedSampleChannel } from '../../local/sample-channel/spawn-sample-channel.ts';
import { readTools } from '../../local/servers/tools.ts';
import { SERVER_NAMES, startServers, type StartedServers } from '../../local/servers/start-servers.ts';
import type { Config } from '../../src/config/config.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { openAzureStore, openMinioStore } from '../../src/storage/open-stores.ts';
import { eventually } from '../support/eventually.ts';
import { openSampleChannel } from '../support/sample-channel.ts';
import { throughProxies } from './addresses.ts';
import { startFaultProxy, type FaultProxy } from './fault-proxy.ts';
import { expectedOutcomeOf, itemIds } from './items.ts';
import type { ChaosOptions } from './options.ts';
import { faultSchedule } from './schedule.ts';

/** The share of exchanges that fail. A Redis exchange carries many commands of many jobs. */
const FAULT_SHARES = { redis: 0.01, minio: 0.03, azure: 0.03 } as const;
const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
/** Short pauses and locks, so that what takes minutes in production takes seconds; the rest has its defaults. */
const SHORT_TIMES = {
  ATTEMPT_DELAY_SECONDS: '0.3',
  RETRY_MIN_DELAY_SECONDS: '0.5',
  RETRY_MAX_DELAY_SECONDS: '10',
  OPERATOR_PROBE_SECONDS: '1',
  JOB_LOCK_SECONDS: '4',
  RECONCILE_INTERVAL_SECONDS: '10',
  RECONCILE_BUCKET_INTERVAL_SECONDS: '20',
  LOG_LEVEL: 'info',
};
/** Only for processes behind the proxies; the final check meets no faults, but perhaps a busy machine. */
const SHORT_STALLS = { STORAGE_STALL_SECONDS: '3' };

/** The servers, proxies and settings of a run. */
export interface ChaosEnvironment {
  readonly servers: StartedServers;
  readonly channel: SpawnedSampleChannel;
  readonly proxies: readonly (FaultProxy & { readonly name: keyof typeof FAULT_SHARES })[];
  /** For the commands and workers of the run: they reach the servers through the proxies. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** In addition to that, for the workers. */
  readonly workerVariables: Readonly<Record<string, string | undefined>>;
  /** For the final check, which reaches the servers directly. */
  readonly config: Config;
  readonly azure: NonNullable<Config['azure']>;
  /** False for the stand-in database, which may lose its last second of writes and therefore is not killed. */
  readonly isDatabaseReal: boolean;
  close(): Promise<void>;
}

/** Starts servers with their data on disk, proxies in front of them, and the sample channel. */
export async function openChaosEnvironment(
  options: ChaosOptions,
  directory: string,
): Promise<ChaosEnvironment> {
  const [servers, channel] = await Promise.all([
    startServers({
      checkout: CHECKOUT,
      directory: path.join(directory, 'servers'),
      wanted: SERVER_NAMES,
      persistence: 'disk',
      environment: {},
      onLine: () => undefined,
    }),
    openSampleChannel(),
  ]);
  const proxies = await Promise.all(
    (['redis', 'minio', 'azure'] as const).map(async (name) => {
      const { port } = serverOf(servers, name);
      const proxy = await startFaultProxy(port, faultSchedule(options.seed, name, FAULT_SHARES[name]));
      return { target: port, proxy: Object.assign(proxy, { name }) };
    }),
  );
  const own = {
    ...SHORT_TIMES,
    ...concurrencyOf(options),
    YTDLP_EXTRA_ARGS: channel.extraArguments,
    STAGING: options.staging,
    STAGING_DIR: path.join(directory, 'staging'),
    // The file does not exist: no sources are collected.
    SOURCES_FILE: path.join(directory, 'sources.yaml'),
  };
  const ports = new Map(proxies.map(({ target, proxy }) => [target, proxy.port]));
  const variables = demoEnvironment(process.env, {
    ...throughProxies(servers.variables, ports),
    ...own,
    ...SHORT_STALLS,
  });
  const config = parseConfig(demoEnvironment(process.env, { ...servers.variables, ...own }));
  if (config.azure === undefined) throw new Error('The local servers have no Azure.');
  const chaos: ChaosEnvironment = {
    servers,
    channel,
    proxies: proxies.map(({ proxy }) => proxy),
    variables,
    workerVariables: options.provider === 'instant' ? await withoutYtDlp(directory) : {},
    config,
    azure: config.azure,
    isDatabaseReal: readTools(CHECKOUT).mongo?.kind === 'mongod',
    close: async () => {
      await Promise.all([servers.close(), channel.close(), ...proxies.map(({ proxy }) => proxy.close())]);
    },
  };
  await prepareContainers(chaos, directory);
  if (options.provider === 'real') await prepareOutcomes(channel, options.items);
  return chaos;
}

/** @throws Error when it was not started. */
export function serverOf(servers: StartedServers, name: string): StartedServers['servers'][number] {
  const found = servers.servers.find((server) => server.name === name);
  if (found === undefined) throw new Error(`The server ${name} was not started.`);
  return found;
}

function concurrencyOf({ provider }: ChaosOptions): Record<string, string> {
  return provider === 'instant'
    ? { DOWNLOAD_CONCURRENCY: '8', UPLOAD_CONCURRENCY: '8', SYNC_CONCURRENCY: '8', RETRY_CONCURRENCY: '8' }
    : { DOWNLOAD_CONCURRENCY: '2', UPLOAD_CONCURRENCY: '4', SYNC_CONCURRENCY: '4' };
}

/** Workers ask yt-dlp for its version when they start, which takes a second each; here it is not used. */
async function withoutYtDlp(directory: string): Promise<Record<string, string>> {
  const program = path.join(directory, 'yt-dlp');
  await mkdir(directory, { recursive: true });
  await writeFile(program, '#!/bin/sh\necho 2099.01.01\n');
  await chmod(program, 0o700);
  return { YTDLP_PATH: program };
}

/**
 * Makes bucket and container. Azurite writes its index to disk every five seconds only: a container that it
 * forgets at the first kill would not be a fault of the pipeline.
 */
async function prepareContainers({ config, azure }: ChaosEnvironment, directory: string): Promise<void> {
  const signal = AbortSignal.timeout(30_000);
  const [minioStore, azureStore] = [
    openMinioStore(config.minio, config.storage),
    openAzureStore(azure, config.storage),
  ];
  await Promise.all([minioStore.ensureContainer(signal), azureStore.ensureContainer(signal)]);
  minioStore.close();
  azureStore.close();
  const index = path.join(directory, 'servers', 'azure', '__azurite_db_blob__.json');
  await eventually('the container in the index of Azurite', async () =>
    (await readFile(index, 'utf8').catch(() => '')).includes(`"${azure.container}"`),
  );
}

async function prepareOutcomes({ controlUrl }: SpawnedSampleChannel, items: number): Promise<void> {
  for (const videoId of itemIds(items)) {
    const outcome = expectedOutcomeOf(videoId);
    if (outcome === 'private') {
      const fault = { kind: 'playability', name: 'private' } as const;
      await controlSampleChannel(controlUrl, { action: 'video-fault', videoId, fault });
    }
    if (outcome === 'flaky') {
      await controlSampleChannel(controlUrl, { action: 'failures-before-success', videoId, failures: 1 });
    }
  }
}
