import type { AzureConfig, StorageLimits } from '../config/config.ts';
import { toAzureAccount } from './azure-account.ts';
import { AzureBlobStore } from './azure-blob-store.ts';

/**
 * Opens the configured container; sends no request.
 * @throws ConfigurationError when the connection string is invalid.
 */
export function openAzureStore(azure: AzureConfig, limits: StorageLimits): AzureBlobStore {
  return new AzureBlobStore(toAzureAccount(azure), limits);
}
