import { z } from 'zod';
import { setting } from './setting.ts';
import { bucketName, seconds, url, webUrl } from './value-types.ts';

export const serverSettings = {
  REDIS_URL: setting(url('redis:', 'rediss:'), {
    secret: true,
    description:
      'Redis, which holds the jobs: redis://[user:password@]host:port[/database], or rediss:// for TLS.',
  }),
  QUEUE_PREFIX: setting(
    z
      .string()
      .regex(/^[\w{}-]+$/, 'may have letters, digits, _ - { } only')
      .default('sonotheque'),
    {
      description:
        'The prefix of every key in Redis, so that several installations can share a server. On a Redis cluster, write it in braces: {name}.',
    },
  ),
  MONGO_URL: setting(url('mongodb:', 'mongodb+srv:'), {
    secret: true,
    description: 'MongoDB, which holds all records: mongodb://[user:password@]host:port/database.',
  }),

  MINIO_ENDPOINT: setting(
    z
      .string()
      .refine(
        (text) => URL.canParse(text.includes('://') ? text : `http://${text}`),
        'is not HOST:PORT or an http(s) URL',
      ),
    { description: 'MinIO or another S3 server: host:port, or an http(s) URL.' },
  ),
  MINIO_ACCESS_KEY: setting(z.string().min(3), {
    compose: true,
    secret: true,
    description: 'The access key for MinIO. With docker compose it also becomes the root user of the server.',
  }),
  MINIO_SECRET_KEY: setting(z.string().min(8), {
    compose: true,
    secret: true,
    description: 'The secret key for MinIO, 8 characters or more.',
  }),
  MINIO_BUCKET: setting(bucketName('sonotheque'), {
    description: 'The bucket for the audio. It is created if it does not exist.',
  }),
  MINIO_REGION: setting(z.string().default('us-east-1'), { description: 'The region of the S3 server.' }),

  AZURE_ACCOUNT_URL: setting(webUrl.optional(), {
    description:
      'The Azure Blob Storage account of the mirror, used together with AZURE_SAS_TOKEN. Without an account or a connection string nothing is mirrored.',
  }),
  AZURE_SAS_TOKEN: setting(z.string().optional(), {
    secret: true,
    description: 'The SAS token for AZURE_ACCOUNT_URL.',
  }),
  AZURE_STORAGE_CONNECTION_STRING: setting(z.string().optional(), {
    secret: true,
    description:
      'The mirror as a connection string, in place of account URL and token. For Azurite in docker compose, also set COMPOSE_PROFILES to azurite, and use its published key.',
    example:
      'DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=(key);BlobEndpoint=http://azurite:10000/devstoreaccount1;',
  }),
  AZURE_CONTAINER: setting(bucketName('sonotheque'), {
    description:
      'The container for the mirror. It is created if it does not exist and the credentials allow it.',
  }),

  STORAGE_STALL_SECONDS: setting(seconds(60), {
    description: 'A call to MinIO or Azure is ended when no byte was transferred for this long.',
  }),
  STORAGE_DEADLINE_SECONDS: setting(seconds(3600), {
    description: 'A call to MinIO or Azure is ended when it takes longer than this in all.',
  }),
};
