/** Both stores, for what always uses both. What uses one loads only its file: the clients are large. */
export { openAzureStore } from './open-azure-store.ts';
export { openMinioStore } from './open-minio-store.ts';
