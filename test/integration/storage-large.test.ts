import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { toAzureAccount } from '../../src/storage/azure-account.ts';
import { AzureBlobStore } from '../../src/storage/azure-blob-store.ts';
import { checksumFile, checksumStream } from '../../src/storage/checksums.ts';
import { MinioRequests } from '../../src/storage/minio-requests.ts';
import { s3KeysOf } from '../../src/storage/s3-keys.ts';
import { MinioStore } from '../../src/storage/minio-store.ts';
import type { ObjectStore } from '../../src/storage/object-store.ts';
import { uploadAudio } from '../../src/storage/upload-audio.ts';
import { LIMITS, openTestStores, untilDone, type TestStores } from '../contract/test-stores.ts';

const PART = 5 * 1024 ** 2;
const signal = untilDone;
const key = { provider: 'youtube', videoId: 'large_-file' } as const;
const name = 'audio/youtube/large_-file.mp3';
const content = randomBytes(2 * PART + 12_345);
let stores: TestStores;
let file: string;

beforeAll(async () => {
  stores = await openTestStores();
  file = path.join(stores.directory, 'large.mp3');
  await writeFile(file, content);
});
afterAll(() => stores.close());

async function sha256Of(store: ObjectStore): Promise<string> {
  const { stream } = await store.openRead(name, { signal });
  return (await checksumStream(stream as AsyncIterable<Buffer>)).sha256;
}

describe('large files', () => {
  test('are sent to MinIO in parts, after parts of earlier attempts are removed, and only once', async () => {
    const requests = new MinioRequests(stores.minioConfig, s3KeysOf(stores.minioConfig));
    const context = { what: 'looking', signal };
    await requests.call(context, (client, bucket) => client.initiateNewMultipartUpload(bucket, name, {}));
    const unfinished = async () => {
      const { uploads } = await requests.call(context, (client, bucket) =>
        client.listIncompleteUploadsQuery(bucket, name, '', '', ''),
      );
      return uploads.filter(({ key: uploadName }) => uploadName === name);
    };
    expect(await unfinished()).toHaveLength(1);

    const store = new MinioStore(stores.minioConfig, LIMITS, { fromBytes: PART, partBytes: PART });
    const audio = { key, file, format: 'mp3', sourceUrl: 'https://example.org/x', profile: 'mp3-320' };
    const { sha256, md5 } = await checksumFile(file);
    const stored = await uploadAudio(store, audio, { signal });
    expect(stored).toMatchObject({ key: name, sizeBytes: content.byteLength, md5, sha256, sent: true });
    expect(stored.etag).toMatch(/-3$/);
    expect(await unfinished()).toEqual([]);
    expect(await sha256Of(store)).toBe(sha256);
    expect(await uploadAudio(store, audio, { signal })).toEqual({ ...stored, sent: false });
    store.close();
    requests.close();
  });

  test('are sent to Azure in blocks with checksums', async () => {
    const account = toAzureAccount(stores.azureConfig);
    const store = new AzureBlobStore(account, LIMITS, { singlePutBytes: PART, blockBytes: 1_000_000 });
    const { md5, sha256 } = await checksumFile(file);
    const put = { sizeBytes: content.byteLength, md5, contentType: 'audio/mpeg', metadata: { title: 'é' } };
    const source = () => Promise.resolve(Readable.from([content.subarray(0, 7), content.subarray(7)]));
    const wrong = { ...put, md5: '0'.repeat(32) };
    await expect(store.putBlob(name, source, wrong, { signal })).rejects.toMatchObject({
      errorClass: 'storage_mismatch',
    });
    expect(await store.stat(name, signal)).toBeUndefined();
    const { etag } = await store.putBlob(name, source, put, { signal });
    expect(await store.stat(name, signal)).toMatchObject({ etag, md5, metadata: { title: 'é' } });
    expect(await sha256Of(store)).toBe(sha256);
    await expect(
      store.putBlob(name, source, { ...put, condition: 'absent' }, { signal }),
    ).rejects.toMatchObject({
      name: 'ObjectChangedError',
    });
  });
});
