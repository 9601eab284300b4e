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
