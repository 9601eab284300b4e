import { BlobServiceClient } from '@azure/storage-blob';
import type { Database } from '../../src/database/database.ts';
import { QUEUE_NAMES } from '../../src/domain/queues.ts';
import type { JobQueues } from '../../src/queues/job-queues.ts';
import { openMinioStore } from '../../src/storage/open-stores.ts';
import type { BenchConfig } from './bench-config.ts';

/** Removes what a round left in Redis and MongoDB. */
export async function removeRecords(database: Database, queues: JobQueues): Promise<void> {
  await database.connection.dropDatabase();
  for (const name of QUEUE_NAMES) await queues.queue(name).obliterate({ force: true });
}

/** Removes what a round left in the bucket and in the container, which its workers made. */
export async function removeObjects({ config: { minio, storage, azure } }: BenchConfig): Promise<void> {
  const { signal } = new AbortController();
  const store = openMinioStore(minio, storage);
  try {
    await store.ensureContainer(signal);
    for await (const page of store.list('', signal)) {
      await Promise.all(page.map(({ name }) => store.remove(name, signal)));
    }
  } finally {
    store.close();
  }
  if (azure?.kind !== 'connection-string') return;
  const service = BlobServiceClient.fromConnectionString(azure.connectionString);
  await service.getContainerClient(azure.container).deleteIfExists();
}
