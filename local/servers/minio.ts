import { Client } from 'minio';
import type { LocalServer } from './local-server.ts';
import { serverEnvironment } from './server-environment.ts';

/** A MinIO with one drive and without its web console. */
export const minioServer: LocalServer = ({ guard, program, directory, credentials, logFile }) => {
  const { minioAccessKey: accessKey, minioSecretKey: secretKey } = credentials;
  return {
    name: 'MinIO',
    start: (port) => {
      const args = ['server', '--quiet', '--address', `127.0.0.1:${port}`, directory];
      const env = serverEnvironment({
        MINIO_ROOT_USER: accessKey,
        MINIO_ROOT_PASSWORD: secretKey,
        MINIO_BROWSER: 'off',
        MINIO_UPDATE: 'off',
      });
      return guard.spawnGuarded('minio', program('minio'), args, { env, logFile });
    },
    ping: async (port) => {
      const client = new Client({
        endPoint: '127.0.0.1',
        port,
        useSSL: false,
        accessKey,
        secretKey,
        retryOptions: { disableRetry: true },
      });
      await client.listBuckets();
    },
    variables: (port) => ({
      MINIO_ENDPOINT: `http://127.0.0.1:${port}`,
      MINIO_ACCESS_KEY: accessKey,
      MINIO_SECRET_KEY: secretKey,
    }),
  };
};
