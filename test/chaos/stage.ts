import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { demoEnvironment } from '../../local/demo/demo-environment.ts';
import { tellSampleChannel } from '../../local/sample-channel/control-client.ts';
import {
  spawnSampleChannel,
  type SpawnedSampleChannel,
} from '../../local/sample-channel/spawn-sample-channel.ts';
import { readTools } from '../../local/servers/tools.ts';
import { SERVER_NAMES, startServers, type StartedServers } from '../../local/servers/start-servers.ts';
import type { Config } from '../../src/config/config.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { openAzureStore, openMinioStore } from '../../src/storage/open-stores.ts';
import { eventually } from '../support/eventually.ts';
import { throughProxies } from './addresses.ts';
import { startFaultProxy, type FaultProxy } from './fault-proxy.ts';
import { fateOf, itemIds } from './items.ts';
import type { ChaosOptions } from './options.ts';
import { faultSchedule } from './schedule.ts';

/** The share of exchanges that fail. A Redis exchange carries many commands of many jobs. */
const FAULT_SHARES = { redis: 0.01, minio: 0.03, azure: 0.03 } as const;
const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const SAMPLE_DIRECTORY = path.join(CHECKOUT, '.sonotheque', 'sample-channel');
/** Short pauses and locks, so that what takes minutes in production takes seconds; all else is as delivered. */
const QUICK = {
  ATTEMPT_DELAY_SECONDS: '0.3',
  RETRY_MIN_DELAY_SECONDS: '0.5',
  RETRY_MAX_DELAY_SECONDS: '10',
  OPERATOR_PROBE_SECONDS: '1',
  JOB_LOCK_SECONDS: '4',
  RECONCILE_INTERVAL_SECONDS: '10',
  RECONCILE_BUCKET_INTERVAL_SECONDS: '20',
  LOG_LEVEL: 'info',
};
/** For those who meet the faults. Who looks at the outcome has none to fear, only a busy machine. */
const IMPATIENT = { STORAGE_STALL_SECONDS: '3' };

/** Everything a run needs, up and answering. */
export interface Stage {
  readonly servers: StartedServers;
  readonly channel: SpawnedSampleChannel;
  readonly proxies: readonly (FaultProxy & { readonly name: keyof typeof FAULT_SHARES })[];
  /** For the commands and workers of the run: they reach the servers through the proxies. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** In addition to that, for the workers. */
  readonly workerEnvironment: Readonly<Record<string, string | undefined>>;
  /** For those who look at the outcome: they reach the servers themselves. */
  readonly config: Config;
  readonly azure: NonNullable<Config['azure']>;
  /** The stand-in may lose its last second of writes when it is killed, so it is left alone. */
  readonly isDatabaseReal: boolean;
  close(): Promise<void>;
}

/** Starts servers with their data on disk, proxies before them, and the sample channel. */
export async function setStage(options: ChaosOptions, directory: string): Promise<Stage> {
  const [servers, channel] = await Promise.all([
    startServers({
      checkout: CHECKOUT,
      directory: path.join(directory, 'servers'),
      wanted: SERVER_NAMES,
      persistence: 'disk',
      environment: {},
      onLine: () => undefined,
    }),
    spawnSampleChannel({ directory: SAMPLE_DIRECTORY }),
  ]);
  const proxies = await Promise.all(
    (['redis', 'minio', 'azure'] as const).map(async (name) => {
      const { port } = serverOf(servers, name);
      const proxy = await startFaultProxy(port, faultSchedule(options.seed, name, FAULT_SHARES[name]));
      return { target: port, proxy: Object.assign(proxy, { name }) };
    }),
  );
  const own = {
    ...QUICK,
    ...concurrencyOf(options),
    YTDLP_EXTRA_ARGS: channel.extraArguments,
    STAGING_DIR: path.join(directory, 'staging'),
    // There is none: nothing is collected beside the videos.
    SOURCES_FILE: path.join(directory, 'sources.yaml'),
  };
  const ports = new Map(proxies.map(({ target, proxy }) => [target, proxy.port]));
  const environment = demoEnvironment(process.env, {
    ...throughProxies(servers.variables, ports),
    ...own,
    ...IMPATIENT,
  });
  const config = parseConfig(demoEnvironment(process.env, { ...servers.variables, ...own }));
  if (config.azure === undefined) throw new Error('The local servers have no Azure.');
  const stage: Stage = {
    servers,
    channel,
    proxies: proxies.map(({ proxy }) => proxy),
    environment,
    workerEnvironment: options.provider === 'instant' ? await withoutYtDlp(directory) : {},
    config,
    azure: config.azure,
    isDatabaseReal: readTools(CHECKOUT).mongo?.kind === 'mongod',
    close: async () => {
      await Promise.all([servers.close(), channel.close(), ...proxies.map(({ proxy }) => proxy.close())]);
    },
  };
  await prepareContainers(stage, directory);
  if (options.provider === 'real') await prepareFates(channel, options.items);
  return stage;
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

/** Workers ask yt-dlp for its version when they start; where it is not used, that need not take a second each. */
async function withoutYtDlp(directory: string): Promise<Record<string, string>> {
  const program = path.join(directory, 'yt-dlp');
  await mkdir(directory, { recursive: true });
  await writeFile(program, '#!/bin/sh\necho 2099.01.01\n');
  await chmod(program, 0o700);
  return { YTDLP_PATH: program };
}

/**
 * Makes bucket and container. Azurite writes its index to disk every five seconds only: a container that it would
 * forget at the first kill is no fault of the pipeline.
 */
async function prepareContainers({ config, azure }: Stage, directory: string): Promise<void> {
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

async function prepareFates({ controlUrl }: SpawnedSampleChannel, items: number): Promise<void> {
  for (const videoId of itemIds(items)) {
    const fate = fateOf(videoId);
    if (fate === 'private') {
      const fault = { kind: 'playability', name: 'private' } as const;
      await tellSampleChannel(controlUrl, { action: 'video-fault', videoId, fault });
    }
    if (fate === 'flaky') {
      await tellSampleChannel(controlUrl, { action: 'failures-before-success', videoId, failures: 1 });
    }
  }
}
