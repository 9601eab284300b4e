import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'minio';
import type { LocalServer } from './local-server.ts';
import { startOnFreePort } from './start-on-free-port.ts';

/** A MinIO with one drive and without its web console. */
export const startMinio: LocalServer = async ({ guard, program, directory, credentials, logFile }) => {
  const data = path.join(directory, 'minio');
  mkdirSync(data, { recursive: true });
  const { minioAccessKey: accessKey, minioSecretKey: secretKey } = credentials;
  const server = await startOnFreePort({
    name: 'MinIO',
    start: (port) =>
      guard.spawnGuarded(
        'minio',
        program('minio'),
        ['server', '--quiet', '--address', `127.0.0.1:${port}`, data],
        {
          env: {
            ...process.env,
            MINIO_ROOT_USER: accessKey,
            MINIO_ROOT_PASSWORD: secretKey,
            MINIO_BROWSER: 'off',
            MINIO_UPDATE: 'off',
          },
          logFile,
        },
      ),
    ping: async (port) => {
      const login = { accessKey, secretKey };
      const client = new Client({
        endPoint: '127.0.0.1',
        port,
        useSSL: false,
        ...login,
        retryOptions: { disableRetry: true },
      });
      await client.listBuckets();
    },
  });
  return {
    server,
    variables: {
      MINIO_ENDPOINT: `http://127.0.0.1:${server.port}`,
      MINIO_ACCESS_KEY: accessKey,
      MINIO_SECRET_KEY: secretKey,
    },
  };
};
