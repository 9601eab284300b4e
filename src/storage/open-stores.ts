import { BlobServiceClient, type StoragePipelineOptions } from '@azure/storage-blob';
import type { AzureConfig, MinioConfig, StorageLimits } from '../config/config.ts';
import { ConfigurationError } from '../runtime/user-error.ts';
import { AzureBlobStore } from './azure-blob-store.ts';
import { MinioStore } from './minio-store.ts';

/** Opens the configured bucket; sends no request. */
export function openMinioStore(minio: MinioConfig, limits: StorageLimits): MinioStore {
  return new MinioStore(minio, limits);
}

// The retries of the SDK have no jitter, ignore 408, 429, 502 and 504, and would multiply with `storeRetryPolicy`.
const PIPELINE: StoragePipelineOptions = {
  retryOptions: { maxTries: 1 },
  keepAliveOptions: { enable: true },
};

/**
 * Opens the configured container; sends no request.
 * @throws ConfigurationError when the connection string is invalid.
 */
export function openAzureStore(azure: AzureConfig, limits: StorageLimits): AzureBlobStore {
  return new AzureBlobStore(createService(azure).getContainerClient(azure.container), limits);
}

function createService(azure: AzureConfig): BlobServiceClient {
  switch (azure.kind) {
    case 'connection-string':
      try {
        return BlobServiceClient.fromConnectionString(azure.connectionString, PIPELINE);
      } catch {
        // The SDK's error may quote the string, which holds a key.
        throw new ConfigurationError([
          'AZURE_STORAGE_CONNECTION_STRING is not a valid connection string. Copy it again from the Azure portal.',
        ]);
      }
    case 'sas':
      return new BlobServiceClient(
        `${azure.accountUrl.replace(/\/+$/, '')}?${azure.sasToken.replace(/^\?/, '')}`,
        undefined,
        PIPELINE,
      );
  }
}
