import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { readTools } from '../../local/servers/tools.ts';
import { eventually } from './eventually.ts';

/** One `redis-server` of a set. */
export interface RedisNode {
  readonly port: number;
  /** A connection with all rights, for the test itself. */
  readonly admin: Redis;
  /** Sends SIGKILL and waits. */
  kill(): Promise<void>;
}

/** Several that belong together, without persistence. */
export interface RedisSet {
  readonly nodes: readonly RedisNode[];
  /** What `REDIS_URL` is for it. */
  readonly url: string;
  close(): Promise<void>;
}

/** How nodes are started and reached. */
export interface NodeOptions {
  /** Lines of redis.conf. */
  readonly settings?: readonly string[];
  /** How the test itself connects. */
  readonly admin?: { readonly password?: string; readonly tls?: ConnectionOptions };
}

const HOST = '127.0.0.1';
/** The second port of a node of a cluster is higher by this. */
const BUS_OFFSET = 10_000;
const SLOTS = 16_384;
/** Short, so that a test sees a replica take over. */
const NODE_TIMEOUT_MS = 1_000;

/** A cluster of three masters, with a replica each when a test kills one. */
export async function startRedisCluster(
  options: NodeOptions & { readonly replicas: 0 | 1 },
): Promise<RedisSet> {
  const masters = 3;
  const settings = [
    ...(options.settings ?? []),
    ...['cluster-enabled yes', `cluster-node-timeout ${String(NODE_TIMEOUT_MS)}`],
  ];
  const set = await startNodes(masters * (1 + options.replicas), { ...options, settings });
  const [first] = set.nodes;
  if (first === undefined) throw new Error('There is no node.');
  for (const { port } of set.nodes) await first.admin.cluster('MEET', HOST, port);
  await eventually('the nodes to know each other', async () => {
    const known = await Promise.all(set.nodes.map(({ admin }) => admin.cluster('INFO')));
    return known.every((info) => info.includes(`cluster_known_nodes:${String(set.nodes.length)}`));
  });
  for (const [index, { admin }] of set.nodes.entries()) {
    if (index < masters) {
      const from = Math.floor((SLOTS * index) / masters);
      const to = Math.floor((SLOTS * (index + 1)) / masters);
      await admin.cluster('ADDSLOTS', ...Array.from({ length: to - from }, (_, slot) => from + slot));
    } else {
      const master = set.nodes[index - masters];
      await admin.cluster('REPLICATE', String(await master?.admin.cluster('MYID')));
    }
  }
  await eventually('the cluster', async () => {
    const states = await Promise.all(set.nodes.map(({ admin }) => admin.cluster('INFO')));
    return states.every((info) => info.includes('cluster_state:ok'));
  });
  const replicas = set.nodes.slice(masters);
  await eventually('the replicas', async () => {
    const infos = await Promise.all(replicas.map(({ admin }) => admin.info('replication')));
    return infos.every((info) => info.includes('master_link_status:up'));
  });
  const places = set.nodes.slice(0, masters).map(({ port }) => `${HOST}:${String(port)}`);
  return { ...set, url: `redis+cluster://${places.join(',')}` };
}

export const MASTER_NAME = 'archive';

/** Of the user of this program, as in docs/operations.md; on a cluster `CLUSTER_RIGHTS` besides. */
export const RIGHTS =
  '-@all +@read +@write +@transaction +@scripting +@pubsub +@connection -@admin -@dangerous +time +info +client|list';
export const CLUSTER_RIGHTS = '+cluster|slots +cluster|info';
const SENTINEL_RIGHTS = '-@all +@connection +subscribe +sentinel|get-master-addr-by-name +sentinel|sentinels';
/** The user of this program at the sentinels. */
export const SENTINEL_USER = 'watcher';

/** A master and its replica, which are `nodes`, and three sentinels that watch them. */
export interface SentinelSet extends RedisSet {
  readonly sentinels: readonly RedisNode[];
}

export async function startSentinelSet(options: {
  readonly password: string;
  readonly sentinelPassword: string;
}): Promise<SentinelSet> {
  const { password, sentinelPassword } = options;
  const data = await startNodes(2, {
    settings: [`requirepass ${password}`, `masterauth ${password}`],
    admin: { password },
  });
  const [master, replica] = data.nodes;
  if (master === undefined || replica === undefined) throw new Error('There is no node.');
  await replica.admin.replicaof(HOST, master.port);
  await eventually('the replica', async () =>
    (await replica.admin.info('replication')).includes('master_link_status:up'),
  );
  const sentinels = await startNodes(3, {
    isSentinel: true,
    settings: [
      `requirepass ${sentinelPassword}`,
      `sentinel sentinel-pass ${sentinelPassword}`,
      `user ${SENTINEL_USER} on >${sentinelPassword} &* ${SENTINEL_RIGHTS}`,
      `sentinel monitor ${MASTER_NAME} ${HOST} ${String(master.port)} 2`,
      `sentinel auth-pass ${MASTER_NAME} ${password}`,
      `sentinel down-after-milliseconds ${MASTER_NAME} 500`,
      `sentinel failover-timeout ${MASTER_NAME} 3000`,
    ],
    admin: { password: sentinelPassword },
  });
  await eventually('the sentinels to know each other and the replica', async () => {
    const answers = await Promise.all(
      sentinels.nodes.map(({ admin }) => admin.call('SENTINEL', 'MASTER', MASTER_NAME)),
    );
    return answers.every((answer) => {
      const fields = answer as string[];
      const of = (name: string) => fields[fields.indexOf(name) + 1];
      return of('num-other-sentinels') === '2' && of('num-slaves') === '1';
    });
  });
  const places = sentinels.nodes.map(({ port }) => `${HOST}:${String(port)}`);
  return {
    nodes: data.nodes,
    sentinels: sentinels.nodes,
    url: `redis+sentinel://:${password}@${places.join(',')}/${MASTER_NAME}`,
    close: async () => {
      await sentinels.close();
      await data.close();
    },
  };
}

/** Nodes that do not know each other. */
export async function startNodes(
  count: number,
  options: NodeOptions & { readonly isSentinel?: boolean },
): Promise<RedisSet> {
  const directory = await mkdtemp(path.join(tmpdir(), 'sonotheque-redis-'));
  const nodes: RedisNode[] = [];
  const close = async () => {
    for (const node of nodes) {
      node.admin.disconnect();
      await node.kill();
    }
    await rm(directory, { recursive: true, force: true });
  };
  try {
    for (let index = 0; index < count; index += 1)
      nodes.push(await startNode(path.join(directory, String(index)), options));
  } catch (error) {
    await close();
    throw error;
  }
  return { nodes, url: `redis://${HOST}:${String(nodes[0]?.port)}`, close };
}

async function startNode(
  directory: string,
  { settings = [], admin: adminOptions, isSentinel = false }: NodeOptions & { readonly isSentinel?: boolean },
): Promise<RedisNode> {
  await mkdir(directory, { recursive: true });
  const port = await freePortPair();
  const file = path.join(directory, 'redis.conf');
  const isTls = settings.some((line) => line.startsWith('tls-cert-file'));
  const lines = [
    `bind ${HOST}`,
    ...(isTls ? ['port 0', `tls-port ${String(port)}`] : [`port ${String(port)}`]),
    `dir ${JSON.stringify(directory)}`,
    ...(isSentinel ? [] : ['save ""', 'appendonly no', 'maxmemory-policy noeviction']),
    ...settings,
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const program = readTools(fileURLToPath(new URL('../..', import.meta.url))).redisServer ?? 'redis-server';
  const child = spawn(program, [file, ...(isSentinel ? ['--sentinel'] : [])], { stdio: 'ignore' });
  const admin = new Redis({
    host: HOST,
    port,
    retryStrategy: () => 100,
    maxRetriesPerRequest: null,
    ...adminOptions,
  });
  admin.on('error', () => undefined);
  await eventually('redis-server', () => child.exitCode !== null || admin.status === 'ready');
  if (child.exitCode !== null) throw new Error(`redis-server has ended with ${String(child.exitCode)}.`);
  return { port, admin, kill: () => kill(child) };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** A free port whose second one is free as well; both below those that outgoing connections take (32768 and above). */
async function freePortPair(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 22_000);
    if ((await isFree(port)) && (await isFree(port + BUS_OFFSET))) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, HOST);
  try {
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return true;
  } catch {
    return false;
  }
}
