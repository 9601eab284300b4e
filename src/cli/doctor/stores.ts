import type { AzureConfig, MinioConfig, StorageLimits } from '../../config/config.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { openAzureStore, openMinioStore } from '../../storage/open-stores.ts';
import { isContainerMissing } from '../../storage/storage-errors.ts';
import { firstLine, hostOf, type Finding } from './finding.ts';

/** A listing takes less time than a transfer. */
const LIMITS: StorageLimits = { stallMs: 5_000, deadlineMs: 10_000 };

const MINIO_VARIABLES = {
  given: 'MINIO_ENDPOINT, MINIO_ACCESS_KEY and MINIO_SECRET_KEY',
  'assume-role': 'MINIO_ENDPOINT, MINIO_STS_URL, MINIO_ROLE_ARN, MINIO_ACCESS_KEY and MINIO_SECRET_KEY',
  aws: 'MINIO_ENDPOINT and the AWS credentials of this machine',
} as const;

const AZURE_VARIABLES = {
  'connection-string': 'AZURE_STORAGE_CONNECTION_STRING',
  sas: 'AZURE_ACCOUNT_URL and AZURE_SAS_TOKEN',
  identity: 'AZURE_ACCOUNT_URL and the identity of this machine',
} as const;

/** Whether the bucket can be listed; never throws. */
export async function checkMinio(config: MinioConfig): Promise<Finding> {
  return checkStore({
    name: 'minio',
    where: `${config.host}:${config.port}`,
    what: 'bucket',
    variables: MINIO_VARIABLES[config.keys.kind],
    open: () => openMinioStore(config, LIMITS),
  });
}

/** Whether the container can be listed; never throws. */
export async function checkAzure(config: AzureConfig | undefined): Promise<Finding> {
  if (config === undefined) {
    const advice =
      'not configured, so nothing is mirrored. Set AZURE_STORAGE_CONNECTION_STRING, or AZURE_ACCOUNT_URL and AZURE_SAS_TOKEN';
    return { name: 'azure', state: 'off', found: '', needed: 'for the mirror', where: '', advice };
  }
  return checkStore({
    name: 'azure',
    where:
      config.kind === 'connection-string' ? accountIn(config.connectionString) : hostOf(config.accountUrl),
    what: 'container',
    variables: AZURE_VARIABLES[config.kind],
    open: () => openAzureStore(config, LIMITS),
  });
}

async function checkStore(check: {
  readonly name: string;
  readonly where: string;
  readonly what: 'bucket' | 'container';
  /** The environment variables to check when the store cannot be used. */
  readonly variables: string;
  readonly open: () => ObjectStore;
}): Promise<Finding> {
  const common = { name: check.name, needed: `a ${check.what}`, where: check.where };
  try {
    const store = check.open();
    const signal = AbortSignal.timeout(LIMITS.deadlineMs);
    const found = `${check.what} ${store.container}`;
    try {
      // The first page is enough.
      for await (const _page of store.list('', signal)) break;
      return { ...common, state: 'ok', found, advice: '' };
    } catch (error) {
      if (!isContainerMissing(error)) throw error;
      return {
        ...common,
        state: 'ok',
        found: `no ${found} yet`,
        advice: 'the worker creates it when it starts',
      };
    }
  } catch (error) {
    const advice = `not usable (${firstLine(error)}): check ${check.variables}`;
    return { ...common, state: 'missing', found: '', advice };
  }
}

/** The host of the account, without its key. */
function accountIn(connectionString: string): string {
  const parts = new Map(
    connectionString.split(';').map((part) => {
      const [name = '', ...value] = part.split('=');
      return [name, value.join('=')];
    }),
  );
  const endpoint = parts.get('BlobEndpoint');
  if (endpoint !== undefined) return hostOf(endpoint);
  return `${parts.get('AccountName') ?? '?'}.blob.${parts.get('EndpointSuffix') ?? 'core.windows.net'}`;
}
