import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { Client } from 'minio';
import { readTools } from '../../local/servers/tools.ts';
import { eventually } from './eventually.ts';

/** A server of one test without the usual settings, so that it can be misconfigured. */
export interface BareServer {
  readonly port: number;
  stop(): Promise<void>;
}

const tools = () => readTools(fileURLToPath(new URL('../..', import.meta.url)));

/** Starts a Redis without a password. `settings` are lines of redis.conf as arguments, such as `--appendonly yes`. */
export async function startBareRedis(
  directory: string,
  settings: readonly string[],
): Promise<BareServer & { readonly url: string }> {
  const port = await freePort();
  const url = `redis://127.0.0.1:${String(port)}`;
  const fixed = ['--bind', '127.0.0.1', '--port', String(port), '--dir', directory, '--save', ''];
  const child = start(tools().redisServer ?? 'redis-server', [...fixed, ...settings]);
  await eventually('Redis', async () => {
    const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return true;
    } catch {
      return false;
    } finally {
      client.disconnect();
    }
  });
  return { url, port, stop: () => stop(child) };
}

/** Starts a MinIO that keeps its data when it is stopped. `settings` are variables of its environment, such as `MINIO_DOMAIN`. */
export async function startBareMinio(
  directory: string,
  login: { readonly accessKey: string; readonly secretKey: string },
  settings: Readonly<Record<string, string>> = {},
  port?: number,
): Promise<BareServer> {
  const chosen = port ?? (await freePort());
  const child = start(
    tools().minio ?? 'minio',
    ['server', '--quiet', '--address', `127.0.0.1:${String(chosen)}`, path.join(directory, 'minio')],
    {
      MINIO_ROOT_USER: login.accessKey,
      MINIO_ROOT_PASSWORD: login.secretKey,
      MINIO_BROWSER: 'off',
      ...settings,
    },
  );
  const client = new Client({
    endPoint: '127.0.0.1',
    port: chosen,
    useSSL: false,
    ...login,
    retryOptions: { disableRetry: true },
  });
  await eventually(
    'MinIO',
    async () => {
      try {
        await client.listBuckets();
        return true;
      } catch {
        return false;
      }
    },
    Boolean,
    30_000,
  );
  return { port: chosen, stop: () => stop(child) };
}

function start(
  program: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): ChildProcess {
  return spawn(program, args, { stdio: 'ignore', env: { ...process.env, ...variables } });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
    child.kill('SIGKILL');
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('There is no free port.');
  return address.port;
}
