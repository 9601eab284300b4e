import { describe, expect, test } from '@jest/globals';
import { BlobServiceClient } from '@azure/storage-blob';
import { Redis } from 'ioredis';
import { Client } from 'minio';
import mongoose from 'mongoose';

function given(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set.`);
  return value;
}

describe('the servers of a test run', () => {
  test('Redis answers and never evicts', async () => {
    const redis = new Redis(given('REDIS_URL'));
    expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    await redis.quit();
  });

  test('MinIO accepts the credentials', async () => {
    const { hostname, port } = new URL(given('MINIO_ENDPOINT'));
    const client = new Client({
      endPoint: hostname,
      port: Number(port),
      useSSL: false,
      accessKey: given('MINIO_ACCESS_KEY'),
      secretKey: given('MINIO_SECRET_KEY'),
    });
    expect(await client.bucketExists('local-servers-none')).toBe(false);
  });

  test('Azure storage accepts the credentials', async () => {
    const service = BlobServiceClient.fromConnectionString(given('AZURE_STORAGE_CONNECTION_STRING'));
    expect(await service.getContainerClient('local-servers-none').exists()).toBe(false);
  });

  describe('the database', () => {
    const at = (change: (url: URL) => void) => {
      const url = new URL(given('MONGO_URL'));
      change(url);
      return new mongoose.mongo.MongoClient(url.href, { serverSelectionTimeoutMS: 2_000 });
    };
    const readAll = async (client: mongoose.mongo.MongoClient) => {
      try {
        return await client.db('local-servers').collection('videos').find().toArray();
      } finally {
        await client.close();
      }
    };

    test.each<[string, (url: URL) => void]>([
      ['without a login', (url) => ((url.username = ''), (url.password = ''), (url.search = ''))],
      ['with a wrong password', (url) => (url.password = 'wrong')],
      ['with another name', (url) => (url.username = 'other')],
    ])('refuses everything %s', async (_how, change) => {
      await expect(readAll(at(change))).rejects.toThrow(/authentication/i);
    });

    test.each([
      'listDatabases',
      'serverStatus',
      'dropDatabase',
      'getMore',
      'killCursors',
      'whatsmyuri',
      'buildInfo',
    ])('refuses %s before the login', async (name) => {
      const client = at((url) => ((url.username = ''), (url.password = ''), (url.search = '')));
      try {
        await expect(client.db('admin').command({ [name]: 1 })).rejects.toMatchObject({ code: 13 });
        expect(await client.db('admin').command({ ping: 1 })).toMatchObject({ ok: 1 });
      } finally {
        await client.close();
      }
    });

    test('is reached with the login, also by drivers that find the mechanism out', async () => {
      expect(await readAll(at(() => undefined))).toEqual([]);
      const withoutMechanism = at((url) => {
        url.searchParams.delete('authMechanism');
      });
      expect(await readAll(withoutMechanism)).toEqual([]);
    });
  });

  test('the database gives a document to one of many clients', async () => {
    const client = await new mongoose.mongo.MongoClient(given('MONGO_URL')).connect();
    const videos = client.db('local-servers').collection<{ _id: string; round: number }>('videos');
    try {
      await videos.insertOne({ _id: 'a', round: 1 });
      const claims = await Promise.all(
        Array.from({ length: 16 }, () => videos.updateOne({ _id: 'a', round: 1 }, { $inc: { round: 1 } })),
      );
      expect(claims.filter((claim) => claim.modifiedCount === 1)).toHaveLength(1);
      expect(await videos.findOne({ _id: 'a', round: 1 })).toBeNull();
      expect(await videos.findOne({ _id: 'a', round: { $gte: 2 } })).toEqual({ _id: 'a', round: 2 });
      expect(await videos.findOne({ _id: { $in: ['a', 'b'] }, round: 2 })).toEqual({ _id: 'a', round: 2 });
    } finally {
      await client.db('local-servers').dropDatabase();
      await client.close();
    }
  });
});
