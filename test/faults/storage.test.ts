import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { AzureConfig, StorageLimits } from '../../src/config/config.ts';
import { copyObject } from '../../src/mirror/copy-object.ts';
import { OperatorError } from '../../src/domain/job-errors.ts';
import type { AzureBlobStore } from '../../src/storage/azure-blob-store.ts';
import { checksumFile } from '../../src/storage/checksums.ts';
import type { MinioStore } from '../../src/storage/minio-store.ts';
import { openAzureStore, openMinioStore } from '../../src/storage/open-stores.ts';
import {
  azureEndpoint,
  azureVia,
  LIMITS,
  listAll,
  openTestStores,
  untilDone,
  type TestStores,
} from '../contract/test-stores.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { minioKeys } from '../support/minio-keys.ts';

/** Short, so that the tests of stalls are short; other requests are faster. */
const SHORT: StorageLimits = { stallMs: 700, deadlineMs: 30_000 };
const SIZE = 3_000_000;
const signal = untilDone;

let stores: TestStores;
let minioProxy: TcpProxy;
let azureProxy: TcpProxy;
/** Stores with long and with short time limits, all through the proxies. */
let minio: MinioStore;
let azure: AzureBlobStore;
let shortMinio: MinioStore;
let shortAzure: AzureBlobStore;
const content = randomBytes(SIZE);
let serial = 0;
const freshName = () => `faults/${String((serial += 1))}.mp3`;

beforeAll(async () => {
  stores = await openTestStores();
  minioProxy = await startTcpProxy(stores.minioConfig);
  azureProxy = await startTcpProxy(azureEndpoint(stores.azureConfig));
  const minioConfig = { ...stores.minioConfig, host: minioProxy.host, port: minioProxy.port };
  const azureConfig = azureVia(stores.azureConfig, azureProxy);
  minio = openMinioStore(minioConfig, LIMITS);
  azure = openAzureStore(azureConfig, LIMITS);
  shortMinio = openMinioStore(minioConfig, SHORT);
  shortAzure = openAzureStore(azureConfig, SHORT);
});
afterEach(() => {
  minioProxy.setFault({ kind: 'none' });
  azureProxy.setFault({ kind: 'none' });
});
afterAll(async () => {
  for (const store of [minio, azure, shortMinio, shortAzure]) store.close();
  await Promise.all([minioProxy.close(), azureProxy.close()]);
  await stores.close();
});

async function fileOf(bytes: Buffer) {
  const file = path.join(stores.directory, `${String((serial += 1))}.bin`);
  await writeFile(file, bytes);
  return { file, contentType: 'audio/mpeg', metadata: {}, ...(await checksumFile(file)) };
}

async function expectMirrored(name: string): Promise<void> {
  const { stream } = await stores.azure.openRead(name, { signal });
  expect((await buffer(stream)).equals(content)).toBe(true);
}

describe('a server that does not answer', () => {
  test('ends small calls at their deadline', async () => {
    minioProxy.setFault({ kind: 'silent' });
    azureProxy.setFault({ kind: 'silent' });
    await expect(shortMinio.stat('x', signal)).rejects.toMatchObject({ errorClass: 'timeout' });
    await expect(shortAzure.stat('x', signal)).rejects.toMatchObject({ errorClass: 'timeout' });
    await expect(listAll(shortMinio)).rejects.toMatchObject({
      errorClass: 'timeout',
    });
    await expect(listAll(shortAzure)).rejects.toMatchObject({
      errorClass: 'timeout',
    });
  });

  test('is reported as a stall during a read', async () => {
    const name = freshName();
    await stores.putMinio(name, content);
    minioProxy.setFault({ kind: 'stall', direction: 'down', afterBytes: 500_000 });
    const { stream } = await shortMinio.openRead(name, { signal });
    await expect(buffer(stream)).rejects.toMatchObject({ errorClass: 'stall' });
  });

  test('is reported as a stall during a write, and nothing is left', async () => {
    const name = freshName();
    await stores.putMinio(name, content);
    azureProxy.setFault({ kind: 'stall', direction: 'up', afterBytes: 500_000 });
    await expect(copyObject(stores.minio, shortAzure, name, { signal, seen: null })).rejects.toMatchObject({
      errorClass: 'stall',
    });
    minioProxy.setFault({ kind: 'stall', direction: 'up', afterBytes: 500_000 });
    const put = { name: freshName(), ...(await fileOf(content)) };
    await expect(shortMinio.putFile(put, { signal })).rejects.toMatchObject({ errorClass: 'stall' });
    expect(await stores.azure.stat(name, signal)).toBeUndefined();
    expect(await stores.minio.stat(put.name, signal)).toBeUndefined();
  });

  test('is reported as a stall when a write is done and its response does not come', async () => {
    minioProxy.setFault({ kind: 'stall', direction: 'down', afterBytes: 30 });
    const put = { name: freshName(), ...(await fileOf(content)) };
    await expect(shortMinio.putFile(put, { signal })).rejects.toMatchObject({ errorClass: 'stall' });
  });
});

describe('a connection that breaks', () => {
  test.each(['reset', 'cut'] as const)('by a %s during a read fails the read', async (kind) => {
    const name = freshName();
    await stores.putMinio(name, content);
    minioProxy.setFault({ kind, direction: 'down', afterBytes: 500_000 });
    const { stream } = await minio.openRead(name, { signal });
    await expect(buffer(stream)).rejects.toMatchObject({ errorClass: 'network' });
    await stores.putAzure(name, content);
    azureProxy.setFault({ kind, direction: 'down', afterBytes: 500_000 });
    const blob = await azure.openRead(name, { signal });
    await expect(buffer(blob.stream)).rejects.toMatchObject({ errorClass: 'network' });
  });

  test.each(['reset', 'cut'] as const)('by one %s of the source does not fail a copy', async (kind) => {
    const name = freshName();
    await stores.putMinio(name, content);
    minioProxy.setFault({ kind, direction: 'down', afterBytes: 500_000 }, 1);
    const result = await copyObject(minio, azure, name, { signal });
    expect(result).toMatchObject({ outcome: 'copied', sizeBytes: SIZE });
    expect(minioProxy.connections).toBeGreaterThan(1);
    await expectMirrored(name);
  });

  test('by one reset of the target does not fail a copy', async () => {
    const name = freshName();
    await stores.putMinio(name, content);
    azureProxy.setFault({ kind: 'reset', direction: 'up', afterBytes: 500_000 }, 1);
    expect(await copyObject(minio, azure, name, { signal, seen: null })).toMatchObject({ outcome: 'copied' });
    await expectMirrored(name);
  });

  test('repeatedly fails the copy, and leaves nothing', async () => {
    const name = freshName();
    await stores.putMinio(name, content);
    azureProxy.setFault({ kind: 'reset', direction: 'up', afterBytes: 500_000 });
    await expect(copyObject(minio, azure, name, { signal, seen: null })).rejects.toMatchObject({
      errorClass: 'network',
    });
    expect(await stores.azure.stat(name, signal)).toBeUndefined();
  });

  test('after the write, with the response lost, counts as done', async () => {
    const name = freshName();
    await stores.putMinio(name, content);
    azureProxy.setFault({ kind: 'drop-response', afterRequestBytes: SIZE }, 1);
    expect(await copyObject(minio, azure, name, { signal, seen: null })).toMatchObject({ outcome: 'equal' });
    await expectMirrored(name);
    minioProxy.setFault({ kind: 'drop-response', afterRequestBytes: SIZE }, 1);
    const put = { name: freshName(), ...(await fileOf(content)) };
    expect(await minio.putFile(put, { signal })).toMatchObject({ sizeBytes: SIZE, md5: put.md5 });
  });

  test('before any data is a network failure', async () => {
    minioProxy.setFault({ kind: 'refuse' });
    await expect(minio.stat('x', signal)).rejects.toMatchObject({ errorClass: 'network' });
  });
});

describe('content that differs from what was announced', () => {
  const md5 = '0'.repeat(32);
  test('is refused by the service', async () => {
    const name = freshName();
    const put = { sizeBytes: SIZE, md5, contentType: 'audio/mpeg', metadata: {} };
    const source = () => Promise.resolve(Readable.from([content]));
    await expect(azure.putBlob(name, source, put, { signal })).rejects.toMatchObject({
      errorClass: 'storage_mismatch',
    });
    expect(await stores.azure.stat(name, signal)).toBeUndefined();
    const file = { name, ...(await fileOf(content)), md5 };
    await expect(minio.putFile(file, { signal })).rejects.toMatchObject({ errorClass: 'storage_mismatch' });
    expect(await stores.minio.stat(name, signal)).toBeUndefined();
  });

  test('by being too short ends the write', async () => {
    const name = freshName();
    const put = { sizeBytes: SIZE + 1, md5, contentType: 'audio/mpeg', metadata: {} };
    const source = () => Promise.resolve(Readable.from([content]));
    await expect(azure.putBlob(name, source, put, { signal })).rejects.toMatchObject({
      errorClass: 'network',
    });
    expect(await stores.azure.stat(name, signal)).toBeUndefined();
  });

  test.each([0, 1_000_000])(
    'by failing after %d bytes ends the write with the failure of the read',
    async (readableBytes) => {
      const name = freshName();
      const put = { sizeBytes: SIZE, md5, contentType: 'audio/mpeg', metadata: {} };
      const failure = new OperatorError('credentials', 'The source refuses to go on.');
      let opened = 0;
      const source = () => {
        opened += 1;
        const stream = new Readable({
          read() {
            this.destroy(failure);
          },
        });
        if (readableBytes > 0) stream.push(content.subarray(0, readableBytes));
        return Promise.resolve(stream);
      };
      await expect(azure.putBlob(name, source, put, { signal })).rejects.toBe(failure);
      // The SDK would report a network failure, which would be retried.
      expect(opened).toBe(1);
      expect(await stores.azure.stat(name, signal)).toBeUndefined();
    },
  );

  test('a file that no longer exists gives another error than a store that fails', async () => {
    const put = { name: freshName(), ...(await fileOf(content)), file: path.join(stores.directory, 'none') };
    await expect(minio.putFile(put, { signal })).rejects.toMatchObject({ errorClass: 'staged_file_missing' });
  });
});

describe('several at once', () => {
  test('all copies of one object succeed and one of them writes', async () => {
    const name = freshName();
    await stores.putMinio(name, content);
    const results = await Promise.all(
      Array.from({ length: 4 }, () => copyObject(minio, azure, name, { signal })),
    );
    expect(results.filter(({ outcome }) => outcome === 'copied')).toHaveLength(1);
    expect(new Set(results.map(({ etag }) => etag)).size).toBe(1);
    await expectMirrored(name);
  });

  test('an abort during a copy leaves no blob', async () => {
    const name = freshName();
    await stores.putMinio(name, content);
    const controller = new AbortController();
    const onBytes = () => {
      controller.abort();
    };
    await expect(
      copyObject(minio, azure, name, { signal: controller.signal, onBytes }),
    ).rejects.toMatchObject({ outcome: 'interrupted' });
    expect(await stores.azure.stat(name, signal)).toBeUndefined();
  });
});

describe('wrong credentials', () => {
  const secret = 'c2VjcmV0LXRoYXQtbXVzdC1ub3QtbGVhaw==';
  const expectSilence = async (promise: Promise<unknown>) => {
    const error: unknown = await promise.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ outcome: 'operator', errorClass: 'credentials' });
    expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(/c2VjcmV0|sig=(?!\[)/);
  };

  test('of MinIO are an operator error, also during a large upload, and stay secret', async () => {
    const keys = { kind: 'given', ...minioKeys(stores.minioConfig), secretKey: secret } as const;
    const wrong = openMinioStore({ ...stores.minioConfig, keys }, LIMITS);
    await expectSilence(wrong.stat('x', signal));
    await expectSilence(wrong.ensureContainer(signal));
    await expectSilence(wrong.putFile({ name: freshName(), ...(await fileOf(content)) }, { signal }));
    wrong.close();
  });

  test('of Azure, by key or by SAS, are an operator error and stay secret', async () => {
    const { host, port, account } = azureEndpoint(stores.azureConfig);
    const accountUrl = `http://${host}:${String(port)}/${account}`;
    const sas: AzureConfig = {
      kind: 'sas',
      container: stores.azure.container,
      accountUrl,
      sasToken: `?sv=2023-01-03&ss=b&srt=sco&sp=rwlc&se=2020-01-01T00:00:00Z&sig=${encodeURIComponent(secret)}`,
    };
    const key: AzureConfig = {
      kind: 'connection-string',
      container: stores.azure.container,
      connectionString: `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${secret};BlobEndpoint=${accountUrl};`,
    };
    const put = { sizeBytes: SIZE, md5: '0'.repeat(32), contentType: 'audio/mpeg', metadata: {} };
    const source = () => Promise.resolve(Readable.from([content]));
    for (const wrong of [openAzureStore(sas, LIMITS), openAzureStore(key, LIMITS)]) {
      await expectSilence(wrong.stat('x', signal));
      await expectSilence(listAll(wrong));
      await expectSilence(wrong.ensureContainer(signal));
      await expectSilence(wrong.putBlob(freshName(), source, put, { signal }));
    }
  });
});

test('a missing bucket is an operator error', async () => {
  const nowhere = openMinioStore(
    { ...stores.minioConfig, bucket: `none-${randomBytes(6).toString('hex')}` },
    LIMITS,
  );
  await expect(listAll(nowhere)).rejects.toMatchObject({
    errorClass: 'storage_missing',
  });
  nowhere.close();
});
