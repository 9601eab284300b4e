import { describeObjectStore } from './object-store.contract.ts';

describeObjectStore('MinIO', (stores) => ({ store: stores.minio, put: stores.putMinio }));
describeObjectStore('Azure', (stores) => ({ store: stores.azure, put: stores.putAzure }));
