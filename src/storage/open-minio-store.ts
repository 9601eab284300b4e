import type { MinioConfig, StorageLimits } from '../config/config.ts';
import { MinioStore } from './minio-store.ts';

/** Opens the configured bucket; sends no request. */
export function openMinioStore(minio: MinioConfig, limits: StorageLimits): MinioStore {
  return new MinioStore(minio, limits);
}
