import { BlobServiceClient, ContainerSASPermissions } from '@azure/storage-blob';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { copyObject } from '../../src/mirror/copy-object.ts';
import { runMirror } from '../../src/mirror/run-mirror.ts';
import { openAzureStore } from '../../src/storage/open-stores.ts';
import { LIMITS, listAll, openTestStores, untilDone, type TestStores } from '../contract/test-stores.ts';

const signal = untilDone;
let stores: TestStores;
beforeAll(async () => {
  stores = await openTestStores();
});
afterAll(() => stores.close());

/** The container with a token that may only read, create, write and list. */
async function openBySas(container: string) {
  if (stores.azureConfig.kind !== 'connection-string') throw new Error('The tests need a connection string.');
  const service = BlobServiceClient.fromConnectionString(stores.azureConfig.connectionString);
  const url = await service.getContainerClient(container).generateSasUrl({
    permissions: ContainerSASPermissions.parse('rcwl'),
    expiresOn: new Date(Date.now() + 3_600_000),
  });
  const sasToken = new URL(url).search;
  return openAzureStore({ kind: 'sas', container, accountUrl: `${service.url}/`, sasToken }, LIMITS);
}

test('a token for the container alone is enough to mirror', async () => {
  await stores.putMinio('sas/x', Buffer.from('content'));
  const azure = await openBySas(stores.azure.container);
  await azure.ensureContainer(signal);
  expect(await copyObject(stores.minio, azure, 'sas/x', { signal })).toMatchObject({ outcome: 'copied' });
  expect(await copyObject(stores.minio, azure, 'sas/x', { signal })).toMatchObject({ outcome: 'equal' });
  expect((await listAll(azure)).map(({ name }) => name)).toEqual(['sas/x']);
});

test('a missing container is empty for a plan, and a clear error for a copy', async () => {
  await stores.putMinio('sas/y', Buffer.from('content'));
  const azure = await openBySas(`${stores.azure.container}-none`);
  const run = { source: stores.minio, target: azure, prefix: 'sas/y', concurrency: 2, signal };
  expect(await runMirror({ ...run, dryRun: true })).toMatchObject({ objects: 1, missing: 1 });
  await expect(runMirror(run)).rejects.toMatchObject({ errorClass: 'storage_missing' });
  await expect(azure.ensureContainer(signal)).rejects.toMatchObject({ outcome: 'operator' });
});
