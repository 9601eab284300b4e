import { z } from 'zod';
import { setting } from './setting.ts';
import { bucketName, byteRate, count, storePairs, webUrl } from './value-types.ts';

export const mirrorSettings = {
  AZURE_ACCOUNT_URL: setting(webUrl.optional(), {
    description:
      'The Azure Blob Storage account of the mirror. With AZURE_SAS_TOKEN that token is used; without it the identity of this machine (managed identity, workload identity, or the variables of a service principal). Without an account or a connection string nothing is mirrored.',
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
      'The container for the mirror of MINIO_BUCKET. It is created if it does not exist and the credentials allow it.',
  }),
  AZURE_ACCESS_TIER: setting(z.enum(['Hot', 'Cool', 'Cold', 'Archive']).optional(), {
    description:
      'The access tier of the blobs that the mirror writes: Hot, Cool, Cold or Archive. Without it that of the account. Blobs in Archive cannot be read, compared by content, replaced or restored before they are moved to another tier.',
  }),
  MIRROR_PAIRS: setting(storePairs.optional(), {
    description:
      'Further buckets to mirror on the same servers: bucket=container, separated by commas. Sweeps go through all of them; `npm run sync -- --pair BUCKET` is about one.',
    example: 'lectures=lectures-copy, radio=radio-copy',
  }),
  MIRROR_SWEEP_INTERVAL_SECONDS: setting(z.coerce.number().min(0).default(3600), {
    description:
      'How often workers compare bucket and container, and copy what the copies of the uploads missed; 0 makes no sweeps. Only with Azure.',
  }),
  MIRROR_COPIES: setting(count(32), {
    description:
      'How many objects a sweep, or `npm run sync`, copies at once in one process, at most, while as many small ones are read ahead. It begins with fewer, adds more while the stores keep up, and halves them when a store throttles; the workers of a sweep share that.',
  }),
  MIRROR_BANDWIDTH: setting(byteRate.optional(), {
    description:
      'The most that the mirror sends to Azure, or reads to compare and to restore, in bytes a second, for each process: a number with k, M or G (10M is ten megabytes a second). Without it there is no limit.',
    example: '10M',
  }),
};
