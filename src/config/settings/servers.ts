import { z } from 'zod';
import { redisSettings } from './redis.ts';
import { setting } from './setting.ts';
import { bucketName, seconds, url } from './value-types.ts';

export const serverSettings = {
  ...redisSettings,
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

  STORAGE_STALL_SECONDS: setting(seconds(60), {
    description: 'A call to MinIO or Azure is ended when no byte was transferred for this long.',
  }),
  STORAGE_DEADLINE_SECONDS: setting(seconds(3600), {
    description: 'A call to MinIO or Azure is ended when it takes longer than this in all.',
  }),
};
