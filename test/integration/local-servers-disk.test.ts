import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import mongoose from 'mongoose';
import { SERVER_NAMES, startServers, type StartedServers } from '../../local/servers/start-servers.ts';

const CHECKOUT = path.join(import.meta.dirname, '..', '..');
const START_TIMEOUT_MS = 60_000;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'sonotheque-disk-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

function start(environment: Record<string, string> = {}): Promise<StartedServers> {
  return startServers({
    checkout: CHECKOUT,
    directory,
    wanted: ['redis', 'mongo'],
    persistence: 'disk',
    environment,
    onLine: () => undefined,
  });
}

async function withMongo<T>(
  servers: StartedServers,
  work: (db: mongoose.mongo.Db) => Promise<T>,
): Promise<T> {
  const client = await new mongoose.mongo.MongoClient(servers.variables['MONGO_URL'] ?? '').connect();
  try {
    return await work(client.db());
  } finally {
    await client.close();
  }
}

async function withRedis<T>(servers: StartedServers, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(servers.variables['REDIS_URL'] ?? '');
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

describe('servers with their data on disk', () => {
  test(
    'keep it, with its indexes, after a stop and a start',
    async () => {
      const first = await start();
      try {
        await withRedis(first, (redis) => redis.set('kept', 'yes'));
        await withMongo(first, async (db) => {
          await db.collection('pairs').createIndex({ left: 1, right: 1 }, { unique: true }, {});
          await db.collection('pairs').insertOne({ left: 1, right: 2, note: 'kept' });
        });
        expect(statSync(path.join(directory, 'credentials.json')).mode & 0o777).toBe(0o600);
        expect(statSync(path.join(directory, 'redis', 'redis.conf')).mode & 0o777).toBe(0o600);
      } finally {
        await first.close();
      }
      const second = await start();
      try {
        expect(await withRedis(second, (redis) => redis.get('kept'))).toBe('yes');
        expect(await withRedis(second, (redis) => redis.config('GET', 'appendonly'))).toEqual([
          'appendonly',
          'yes',
        ]);
        await withMongo(second, async (db) => {
          const pairs = db.collection('pairs');
          expect(await pairs.findOne({ left: 1, right: 2, note: 'kept' })).toMatchObject({ note: 'kept' });
          expect(await pairs.findOne({ left: 1, right: 2, note: 'other' })).toBeNull();
          await expect(pairs.insertOne({ left: 1, right: 2 })).rejects.toMatchObject({ code: 11000 });
        });
      } finally {
        await second.close();
      }
    },
    START_TIMEOUT_MS,
  );

  test(
    'get their own variables only, and no password among their arguments',
    async () => {
      process.env['SECRET_OF_ANOTHER'] = 'not-for-servers';
      const servers = await startServers({
        checkout: CHECKOUT,
        directory,
        wanted: SERVER_NAMES,
        persistence: 'disk',
        environment: {},
        onLine: () => undefined,
      });
      try {
        const credentials = Object.entries(
          JSON.parse(readFileSync(path.join(directory, 'credentials.json'), 'utf8')) as Record<
            string,
            string
          >,
        );
        const OWN: Readonly<Record<string, readonly string[]>> = {
          redis: [],
          mongo: ['mongoPassword'],
          minio: ['minioAccessKey', 'minioSecretKey'],
          azure: ['azureAccount', 'azureKey'],
        };
        for (const { name, process: server } of servers.servers) {
          const variables = readFileSync(`/proc/${String(server.pid)}/environ`, 'utf8');
          const words = readFileSync(`/proc/${String(server.pid)}/cmdline`, 'utf8');
          const known = credentials.filter(([, value]) => variables.includes(value)).map(([key]) => key);
          expect([name, known]).toEqual([name, OWN[name]]);
          // Not by toContain: a failure would print the variables of this machine.
          expect([name, variables.includes('not-for-servers')]).toEqual([name, false]);
          for (const [key, value] of credentials) {
            if (key !== 'minioAccessKey' && key !== 'azureAccount')
              expect([name, key, words.includes(value)]).toEqual([name, key, false]);
          }
        }
      } finally {
        delete process.env['SECRET_OF_ANOTHER'];
        await servers.close();
      }
    },
    START_TIMEOUT_MS,
  );

  test(
    'restart on the same port after they were killed',
    async () => {
      const servers = await start();
      try {
        for (const server of servers.servers) {
          process.kill(server.process.pid, 'SIGKILL');
          expect(await server.process.ended).toEqual({ code: null, signal: 'SIGKILL' });
          await server.restart();
        }
        expect(await withRedis(servers, (redis) => redis.ping())).toBe('PONG');
        expect(await withMongo(servers, (db) => db.command({ ping: 1 }))).toMatchObject({ ok: 1 });
      } finally {
        await servers.close();
      }
    },
    START_TIMEOUT_MS,
  );

  test(
    'are not started when the environment names others',
    async () => {
      const servers = await start({ REDIS_URL: 'redis://elsewhere', MONGO_URL: 'mongodb://elsewhere' });
      try {
        expect(servers.servers).toEqual([]);
        expect(servers.variables['REDIS_URL']).toBeUndefined();
      } finally {
        await servers.close();
      }
    },
    START_TIMEOUT_MS,
  );
});
