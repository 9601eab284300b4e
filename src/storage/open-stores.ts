import { BlobServiceClient, type StoragePipelineOptions } from '@azure/storage-blob';
import type { AzureConfig, MinioConfig, StorageLimits } from '../config/config.ts';
import { ConfigurationError } from '../runtime/user-error.ts';
import { AzureBlobStore } from './azure-blob-store.ts';
import { MinioStore } from './minio-store.ts';

/** The bucket of the configuration. Nothing is sent yet. */
export function openMinioStore(minio: MinioConfig, limits: StorageLimits): MinioStore {
  return new MinioStore(minio, limits);
}

// The SDK's own retries have no jitter, leave out 408, 429, 502 and 504, and would double ours.
const PIPELINE: StoragePipelineOptions = {
  retryOptions: { maxTries: 1 },
  keepAliveOptions: { enable: true },
};

/**
 * The container of the configuration. Nothing is sent yet.
 * @throws ConfigurationError when the connection string or the address is none.
 */
export function openAzureStore(azure: AzureConfig, limits: StorageLimits): AzureBlobStore {
  return new AzureBlobStore(serviceOf(azure).getContainerClient(azure.container), limits);
}

function serviceOf(azure: AzureConfig): BlobServiceClient {
  switch (azure.kind) {
    case 'connection-string':
      try {
        return BlobServiceClient.fromConnectionString(azure.connectionString, PIPELINE);
      } catch {
        // The SDK's error may quote the string.
        throw new ConfigurationError([
          'AZURE_STORAGE_CONNECTION_STRING is not a connection string. Copy it anew from the Azure portal.',
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
