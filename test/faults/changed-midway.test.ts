import { randomBytes } from 'node:crypto';
import { rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { copyObject } from '../../src/mirror/copy-object.ts';
import { runMirror } from '../../src/mirror/run-mirror.ts';
import { checksumFile } from '../../src/storage/checksums.ts';
import { MinioStore } from '../../src/storage/minio-store.ts';
import { LIMITS, listAll, openTestStores, untilDone, type TestStores } from '../contract/test-stores.ts';

const MEBIBYTE = 1024 ** 2;
let stores: TestStores;
beforeAll(async () => {
  stores = await openTestStores();
});
afterAll(() => stores.close());

/** Does something once, right after the stat of the object and before the blob is written. */
function beforeTheWrite(act: () => Promise<void>) {
  const original = stores.azure.putBlob.bind(stores.azure);
  return jest.spyOn(stores.azure, 'putBlob').mockImplementationOnce(async (name, source, put, options) => {
    await act();
    return await original(name, source, put, options);
  });
}

describe('an object that is replaced while it is copied', () => {
  test('its blob has the metadata and the bytes of one version, and the next pass copies the new one', async () => {
    const name = 'replaced/x.mp3';
    // The sockets hold this much: while an object is open and not read on, MinIO lets those who replace it wait.
    const [before, after] = [randomBytes(2 * MEBIBYTE), randomBytes(MEBIBYTE)];
    await stores.putMinio(name, before, { title: 'before' });
    const spy = beforeTheWrite(() => stores.putMinio(name, after, { title: 'after' }));
    // Either the stream that was open already is read to its end, or the copy starts again with the current version.
    await copyObject(stores.minio, stores.azure, name, { signal: untilDone });
    spy.mockRestore();
    const { info, stream } = await stores.azure.openRead(name, { signal: untilDone });
    const title = info.metadata?.['title'];
    expect((await buffer(stream)).equals(title === 'before' ? before : after)).toBe(true);

    await runMirror({
      source: stores.minio,
      target: stores.azure,
      prefix: 'replaced/',
      concurrency: 1,
      signal: untilDone,
    });
    const now = await stores.azure.openRead(name, { signal: untilDone });
    expect(now.info.metadata?.['title']).toBe('after');
    expect((await buffer(now.stream)).equals(after)).toBe(true);
  });

  test('reports an object as missing that is deleted before it is read, and writes no blob', async () => {
    const name = 'deleted/x.mp3';
    await expect(copyObject(stores.minio, stores.azure, name, { signal: untilDone })).rejects.toMatchObject({
      errorClass: 'object_missing',
    });
    expect(await stores.azure.stat(name, untilDone)).toBeUndefined();
  });
});

describe('a file that changes while it is sent', () => {
  const inParts = { fromBytes: 10 * MEBIBYTE, partBytes: 5 * MEBIBYTE };

  test.each([
    ['in one piece', 'is cut short', 8],
    ['in parts', 'is cut short', 24],
    ['in parts', 'is removed', 24],
    ['in one piece', 'gets other bytes', 8],
    ['in parts', 'gets other bytes', 24],
  ] as const)('%s: one that %s fails, and no object is left', async (how, what, mebibytes) => {
    const store = new MinioStore(stores.minioConfig, LIMITS, inParts);
    const name = `changed/${how}-${what}.mp3`.replaceAll(' ', '-');
    const file = path.join(stores.directory, 'changing.bin');
    await writeFile(file, randomBytes(mebibytes * MEBIBYTE));
    const sums = await checksumFile(file);
    const change = {
      'is cut short': () => truncate(file, MEBIBYTE),
      'is removed': () => rm(file),
      'gets other bytes': () => writeFile(file, randomBytes(mebibytes * MEBIBYTE)),
    }[what];
    let changed: Promise<void> | undefined;
    if (what === 'gets other bytes') changed = change();
    await changed;
    const put = { name, file, contentType: 'audio/mpeg', metadata: {}, ...sums };
    const onBytes = () => {
      changed ??= change();
    };
    const outcome = await store.putFile(put, { signal: untilDone, onBytes }).then(
      () => 'stored',
      (error: unknown) => error,
    );
    await changed;
    // A file that was open when it was removed may still be read completely.
    if (outcome === 'stored') {
      expect(what).toBe('is removed');
      expect(await store.stat(name, untilDone)).toMatchObject({ md5: sums.md5, sizeBytes: sums.sizeBytes });
    } else {
      expect(outcome).toMatchObject({ outcome: 'transient' });
      expect(await store.stat(name, untilDone)).toBeUndefined();
    }
    expect((await listAll(stores.minio, 'changed/')).length).toBeLessThanOrEqual(1);
    await rm(file, { force: true });
    store.close();
  });
});
