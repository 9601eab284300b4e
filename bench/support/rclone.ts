import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Config } from '../../src/config/config.ts';
import { toAzureAccount } from '../../src/storage/azure-account.ts';
import { serverOrigin } from '../../src/storage/s3-place.ts';
import { minioKeys } from '../../test/support/minio-keys.ts';
import { measureChild, type ChildFigures } from './measure-child.ts';

const run = promisify(execFile);
const MODULE = 'github.com/rclone/rclone@v1.75.1';
const DIRECTORY = fileURLToPath(new URL('../../.sonotheque/tools/rclone', import.meta.url));
const TUNED = '--transfers 32 --checkers 32 --checksum --azureblob-chunk-size 64M'.split(' ');

/** rclone on the same two servers, set up by its environment alone. */
export interface Rclone {
  readonly version: string;
  /** Copies the bucket, or a part of it, to a container. */
  copy(config: Config, container: string, directory?: string): Promise<ChildFigures>;
  /** Reads both sides and compares them. @throws Error with the output of rclone when they differ */
  check(config: Config, container: string): Promise<void>;
}

/**
 * rclone on the PATH, or the one that an earlier run has built.
 * @param install builds it where there is none: minutes, and Go is needed.
 * @returns undefined when there is none.
 */
export async function findRclone(install: boolean): Promise<Rclone | undefined> {
  const built = path.join(DIRECTORY, 'rclone');
  if (install && !existsSync(built)) {
    await run('go', ['install', MODULE], { env: { ...process.env, GOBIN: DIRECTORY, CGO_ENABLED: '0' } });
  }
  const program = existsSync(built) ? built : 'rclone';
  const version = await run(program, ['version']).then(
    ({ stdout }) => stdout.split('\n', 1)[0] ?? '',
    () => undefined,
  );
  if (version === undefined) return undefined;
  const source = ({ minio }: Config) => `s:${minio.bucket}`;
  return {
    version,
    copy: (config, container, directory = '') =>
      measureChild(
        program,
        ['copy', `${source(config)}/${directory}`, `a:${container}/${directory}`, ...TUNED],
        environmentOf(config),
      ),
    check: async (config, container) => {
      const args = ['check', '--download', source(config), `a:${container}`];
      await run(program, args, { env: environmentOf(config) });
    },
  };
}

function environmentOf({ minio, azure }: Config): NodeJS.ProcessEnv {
  const account = azure && toAzureAccount(azure);
  const { accessKey, secretKey } = minioKeys(minio);
  if (account?.proof.kind !== 'key') throw new Error('The benchmark needs AZURE_STORAGE_CONNECTION_STRING.');
  return {
    ...process.env,
    // None of its own.
    RCLONE_CONFIG: '/dev/null',
    RCLONE_S3_NO_CHECK_BUCKET: 'true',
    RCLONE_CONFIG_S_TYPE: 's3',
    RCLONE_CONFIG_S_PROVIDER: 'Minio',
    RCLONE_CONFIG_S_ACCESS_KEY_ID: accessKey,
    RCLONE_CONFIG_S_SECRET_ACCESS_KEY: secretKey,
    RCLONE_CONFIG_S_ENDPOINT: serverOrigin(minio),
    RCLONE_CONFIG_A_TYPE: 'azureblob',
    RCLONE_CONFIG_A_ACCOUNT: account.proof.account,
    RCLONE_CONFIG_A_KEY: account.proof.key.export().toString('base64'),
    RCLONE_CONFIG_A_ENDPOINT: `${account.origin}${account.basePath}`,
  };
}
