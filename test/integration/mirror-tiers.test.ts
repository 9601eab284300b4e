import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { copyObject } from '../../src/mirror/copy-object.ts';
import { restoreMirror } from '../../src/mirror/restore-mirror.ts';
import { runMirror } from '../../src/mirror/run-mirror.ts';
import { verifyMirror } from '../../src/mirror/verify-mirror.ts';
import type { AccessTier } from '../../src/storage/azure-put-blob.ts';
import { toAzureAccount } from '../../src/storage/azure-account.ts';
import { AzureBlobStore } from '../../src/storage/azure-blob-store.ts';
import { LIMITS, listAll, openTestStores, untilDone, type TestStores } from '../contract/test-stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await openTestStores();
});
afterEach(async () => {
  for (const store of [stores.minio, stores.azure]) {
    for (const { name } of await listAll(store)) await store.remove(name, untilDone);
  }
});
afterAll(() => stores.close());

const common = () => ({
  ...{ source: stores.minio, target: stores.azure, prefix: '', concurrency: 4, signal: untilDone },
});
async function mirror(accessTier?: AccessTier) {
  return await runMirror({ ...common(), passDelayMs: 10, ...(accessTier && { accessTier }) });
}
const tiers = async () => (await listAll(stores.azure)).map(({ accessTier }) => accessTier);

test.each(['Hot', 'Cool', 'Cold', 'Archive'] as const)('a copy gets the tier %s', async (tier) => {
  await stores.putMinio('t/1', randomBytes(100));
  await stores.putMinio('t/2', randomBytes(100));
  expect(await mirror(tier)).toMatchObject({ copied: 2, failed: 0 });
  expect(await tiers()).toEqual([tier, tier]);
  expect(await mirror()).toMatchObject({ equal: 2, copied: 0 });
});

test('one that is written in blocks as well', async () => {
  const small = { singlePutBytes: 1000, blockBytes: 400 };
  const target = new AzureBlobStore(toAzureAccount(stores.azureConfig), LIMITS, small);
  await stores.putMinio('t/blocks', randomBytes(1500));
  await copyObject(stores.minio, target, 't/blocks', { signal: untilDone, accessTier: 'Cool' });
  expect(await tiers()).toEqual(['Cool']);
  target.close();
});

test('what is archived is counted and not read, and tells what to do when it should be restored', async () => {
  await stores.putMinio('t/1', randomBytes(100));
  await mirror('Archive');
  await stores.putMinio('t/2', randomBytes(100));
  await mirror();
  const drift: string[] = [];
  const onDrift = ({ kind, name }: { kind: string; name: string }) => {
    drift.push(`${kind} ${name}`);
  };
  const verified = await verifyMirror({ ...common(), contentShare: 1, onDrift });
  expect(verified).toMatchObject({ objects: 2, equal: 2, read: 1, archived: 1, unreadable: 0 });
  expect(drift).toEqual([]);

  await stores.minio.remove('t/1', untilDone);
  const failed: string[] = [];
  const restored = await restoreMirror({
    ...{ bucket: stores.minio, mirror: stores.azure, prefix: '', concurrency: 1, signal: untilDone },
    onFailed: (name, { errorClass, advice }) => {
      failed.push(`${name} ${errorClass} ${advice}`);
    },
  });
  expect(restored).toMatchObject({ missing: 1, restored: 0, failed: 1 });
  expect(failed).toEqual([expect.stringMatching(/^t\/1 blob_archived .*rehydrate/)]);
});
