import { createRequire } from 'node:module';
import { BlobServiceClient } from '@azure/storage-blob';
import type { LocalServer } from './local-server.ts';
import { serverEnvironment } from './server-environment.ts';

const AZURITE = createRequire(import.meta.url).resolve('azurite/dist/src/blob/main.js');

/**
 * Azurite keeps each piece of a body for the collector of garbage, which V8 runs often and on all processors: 40 blobs of 9.6 MB cost
 * 6.4 s of processor time with its threads and 3.5 s without, in the same time.
 */
const SINGLE_THREADED_GC = ['--single-threaded-gc'];

/** Azurite's blob service. */
export const azureServer: LocalServer = ({ guard, directory, persistence, credentials, logFile }) => {
  const { azureAccount: account, azureKey: key } = credentials;
  const connectionStringOf = (port: number) =>
    `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${key};BlobEndpoint=http://127.0.0.1:${port}/${account};`;
  return {
    name: 'Azurite',
    start: (port) => {
      // Azurite refuses a location together with memory.
      const data = persistence === 'memory' ? ['--inMemoryPersistence'] : ['--location', directory];
      const listen = ['--blobHost', '127.0.0.1', '--blobPort', String(port)];
      return guard.spawnGuarded(
        'azure',
        process.execPath,
        [...SINGLE_THREADED_GC, AZURITE, ...listen, ...data, '--silent', '--disableTelemetry'],
        {
          env: serverEnvironment({ AZURITE_ACCOUNTS: `${account}:${key}` }),
          logFile,
        },
      );
    },
    ping: async (port) => {
      const client = BlobServiceClient.fromConnectionString(connectionStringOf(port), {
        retryOptions: { maxTries: 1 },
      });
      await client.getProperties({ abortSignal: AbortSignal.timeout(5_000) });
    },
    variables: (port) => ({ AZURE_STORAGE_CONNECTION_STRING: connectionStringOf(port) }),
  };
};
