import type { AzureConfig, MinioConfig, StorageLimits } from '../config/config.ts';
import { toAzureAccount } from './azure-account.ts';
import { AzureBlobStore } from './azure-blob-store.ts';
import { MinioStore } from './minio-store.ts';

/** Opens the configured bucket; sends no request. */
export function openMinioStore(minio: MinioConfig, limits: StorageLimits): MinioStore {
  return new MinioStore(minio, limits);
}

/**
 * Opens the configured container; sends no request.
 * @throws ConfigurationError when the connection string is invalid.
 */
export function openAzureStore(azure: AzureConfig, limits: StorageLimits): AzureBlobStore {
  return new AzureBlobStore(toAzureAccount(azure), limits);
}
