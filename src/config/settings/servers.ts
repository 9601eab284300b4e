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
  MINIO_CREDENTIALS: setting(z.enum(['keys', 'assume-role', 'aws']).default('keys'), {
    description:
      'What requests to MinIO are signed with. `keys`: the two below. `assume-role`: temporary keys that the server gives for them (STS), renewed before they end. `aws`: what the AWS SDK finds, such as variables AWS_…, a Kubernetes service account, or the role of a container or of a host in EC2; the two below are not needed.',
  }),
  MINIO_ACCESS_KEY: setting(z.string().min(3).optional(), {
    compose: true,
    secret: true,
    description: 'The access key for MinIO. With docker compose it also becomes the root user of the server.',
  }),
  MINIO_SECRET_KEY: setting(z.string().min(8).optional(), {
    compose: true,
    secret: true,
    description: 'The secret key for MinIO, 8 characters or more.',
  }),
  MINIO_SESSION_TOKEN: setting(z.string().optional(), {
    secret: true,
    description:
      'The session token of temporary keys that were fetched elsewhere. They are not renewed: when they end, all work on the bucket waits.',
  }),
  MINIO_STS_URL: setting(url('http:', 'https:').optional(), {
    example: 'https://sts.eu-central-1.amazonaws.com',
    description: 'Where `assume-role` gets its keys; by default from MINIO_ENDPOINT, as MinIO offers it.',
  }),
  MINIO_ROLE_ARN: setting(z.string().startsWith('arn:').optional(), {
    example: 'arn:aws:iam::123456789012:role/sonotheque',
    description: 'The role that `assume-role` takes. AWS needs it; MinIO takes no notice of it.',
  }),
  MINIO_BUCKET: setting(bucketName('sonotheque'), {
    description: 'The bucket for the audio. It is created if it does not exist.',
  }),
  MINIO_REGION: setting(z.string().default('us-east-1'), { description: 'The region of the S3 server.' }),
  MINIO_ADDRESSING: setting(z.enum(['path', 'host']).default('path'), {
    description:
      'How requests name the bucket: in the path (https://server/bucket/…), or in the host (https://bucket.server/…), which some S3 services require.',
  }),

  STORAGE_STALL_SECONDS: setting(seconds(60), {
    description: 'A call to MinIO or Azure is ended when no byte was transferred for this long.',
  }),
  STORAGE_DEADLINE_SECONDS: setting(seconds(3600), {
    description: 'A call to MinIO or Azure is ended when it takes longer than this in all.',
  }),
};
