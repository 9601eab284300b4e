import { createRequire } from 'node:module';
import { BlobServiceClient } from '@azure/storage-blob';
import type { LocalServer } from './local-server.ts';
import { serverEnvironment } from './server-environment.ts';

const AZURITE = createRequire(import.meta.url).resolve('azurite/dist/src/blob/main.js');

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
        [AZURITE, ...listen, ...data, '--silent', '--disableTelemetry'],
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
