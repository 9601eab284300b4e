import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';
import type { Config } from '../../src/config/config.ts';
import { toAzureAccount } from '../../src/storage/azure-account.ts';

const run = promisify(execFile);
const TUNED = '--transfers 32 --checkers 32 --checksum --azureblob-chunk-size 64M'.split(' ');

/** rclone on the same two servers, set up by its environment alone. */
export interface Rclone {
  /** Copies the bucket to a container. */
  copy(container: string): Promise<{ readonly seconds: number; readonly cpuSeconds: number }>;
  /** Reads both sides and compares them. @throws Error with the output of rclone when they differ */
  check(container: string): Promise<void>;
}

/** @returns undefined when no `rclone` is on the PATH, or the mirror has no account key. */
export async function findRclone({ minio, azure }: Config): Promise<Rclone | undefined> {
  const isThere = await run('rclone', ['version']).then(
    () => true,
    () => false,
  );
  const account = azure && toAzureAccount(azure);
  if (!isThere || account?.proof.kind !== 'key') return undefined;
  const env = {
    ...process.env,
    RCLONE_CONFIG_S_TYPE: 's3',
    RCLONE_CONFIG_S_PROVIDER: 'Minio',
    RCLONE_CONFIG_S_ACCESS_KEY_ID: minio.accessKey,
    RCLONE_CONFIG_S_SECRET_ACCESS_KEY: minio.secretKey,
    RCLONE_CONFIG_S_ENDPOINT: `${minio.useTls ? 'https' : 'http'}://${minio.host}:${String(minio.port)}`,
    RCLONE_CONFIG_A_TYPE: 'azureblob',
    RCLONE_CONFIG_A_ACCOUNT: account.proof.account,
    RCLONE_CONFIG_A_KEY: account.proof.key.export().toString('base64'),
    RCLONE_CONFIG_A_ENDPOINT: `${account.origin}${account.basePath}`,
  };
  const source = `s:${minio.bucket}`;
  return {
    copy: async (container) => {
      // The shell tells the times of its child; Node does not.
      const script = 'TIMEFORMAT="times %R %U %S"; time rclone copy "$@"';
      const args = ['-c', script, 'bash', source, `a:${container}`, ...TUNED];
      const { stderr } = await run('bash', args, { env });
      const [, wall, user, system] = /times ([\d.]+) ([\d.]+) ([\d.]+)/.exec(stderr) ?? [];
      return { seconds: Number(wall), cpuSeconds: Number(user) + Number(system) };
    },
    check: async (container) => {
      await run('rclone', ['check', '--download', source, `a:${container}`], { env });
    },
  };
}
