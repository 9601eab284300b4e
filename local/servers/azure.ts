import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import type { LocalServer } from './local-server.ts';
import { startOnFreePort } from './start-on-free-port.ts';

const AZURITE = createRequire(import.meta.url).resolve('azurite/dist/src/blob/main.js');

/** Azurite's blob service. */
export const startAzure: LocalServer = async ({ guard, directory, persistence, credentials, logFile }) => {
  const data = path.join(directory, 'azure');
  mkdirSync(data, { recursive: true });
  const connectionStringOf = (port: number) =>
    `DefaultEndpointsProtocol=http;AccountName=${credentials.azureAccount};AccountKey=${credentials.azureKey};` +
    `BlobEndpoint=http://127.0.0.1:${port}/${credentials.azureAccount};`;
  const server = await startOnFreePort({
    name: 'Azurite',
    start: (port) =>
      guard.spawnGuarded(
        'azure',
        process.execPath,
        [
          AZURITE,
          '--blobHost',
          '127.0.0.1',
          '--blobPort',
          String(port),
          '--silent',
          '--disableTelemetry',
          // Azurite refuses a location together with memory.
          ...(persistence === 'memory' ? ['--inMemoryPersistence'] : ['--location', data]),
        ],
        {
          env: {
            ...process.env,
            AZURITE_ACCOUNTS: `${credentials.azureAccount}:${credentials.azureKey}`,
            NODE_OPTIONS: undefined,
          },
          logFile,
        },
      ),
    ping: async (port) => {
      const client = BlobServiceClient.fromConnectionString(connectionStringOf(port), {
        retryOptions: { maxTries: 1 },
      });
      await client.getProperties({ abortSignal: AbortSignal.timeout(5_000) });
    },
  });
  return { server, variables: { AZURE_STORAGE_CONNECTION_STRING: connectionStringOf(server.port) } };
};
