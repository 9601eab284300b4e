import { createHash, randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { copyObject } from '../../src/mirror/copy-object.ts';
import { deleteExtra, type DeleteOptions } from '../../src/mirror/delete-extra.ts';
import { restoreMirror, type RestoreOptions } from '../../src/mirror/restore-mirror.ts';
import { runMirror } from '../../src/mirror/run-mirror.ts';
import { verifyMirror, type Drift, type VerifyOptions } from '../../src/mirror/verify-mirror.ts';
import { listAll, openTestStores, untilDone, type TestStores } from '../contract/test-stores.ts';
import { withOverrides } from '../support/with-overrides.ts';

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
  source: stores.minio,
  target: stores.azure,
  prefix: '',
  concurrency: 4,
  signal: untilDone,
});

/** Objects `o/0`, `o/1`, … and their blobs. */
async function mirrored(count: number): Promise<Map<string, Buffer>> {
  const contents = new Map<string, Buffer>();
  for (let index = 0; index < count; index += 1) {
    const name = `o/${String(index)}`;
    const content = randomBytes(1000 + index);
    contents.set(name, content);
    await stores.putMinio(name, content, { title: `é ${name}` });
  }
  expect(await runMirror(common())).toMatchObject({ copied: count, failed: 0 });
  return contents;
}

describe('deleting what the bucket does not have any more', () => {
  const remove = (options: Partial<DeleteOptions> = {}) =>
    deleteExtra({ ...common(), maxDelete: { percent: 50 }, ...options });

  test('deletes blobs that the mirror wrote, and no others', async () => {
    await mirrored(4);
    await stores.putAzure('foreign', Buffer.from('x'));
    await stores.minio.remove('o/1', untilDone);
    const names: string[] = [];
    const onDeleted = (name: string) => {
      names.push(name);
      return undefined;
    };
    const dry = await remove({ dryRun: true, onDeleted });
    expect(dry).toMatchObject({ deleted: 1, foreign: 1, changed: 0 });
    expect(await listAll(stores.azure)).toHaveLength(5);
    expect(await remove({ onDeleted })).toEqual(dry);
    expect(names).toEqual(['o/1', 'o/1']);
    expect((await listAll(stores.azure)).map(({ name }) => name)).toEqual(['foreign', 'o/0', 'o/2', 'o/3']);
  });

  test.each([
    ['a number', { count: 1 }, ['o/0', 'o/1'], 'at most 1 are allowed'],
    ['a share', { percent: 49 }, ['o/0', 'o/1'], 'at most 1 are allowed'],
    ['a bucket without objects', { percent: 100 }, ['o/0', 'o/1', 'o/2', 'o/3'], 'has no object at all'],
  ] as const)('is refused by %s, and deletes nothing', async (_what, maxDelete, gone, message) => {
    await mirrored(4);
    for (const name of gone) await stores.minio.remove(name, untilDone);
    await expect(remove({ maxDelete })).rejects.toThrow(message);
    expect(await listAll(stores.azure)).toHaveLength(4);
  });

  test('a listing that fails or lacks an object deletes nothing that is there', async () => {
    await mirrored(4);
    const listing = (names: readonly string[], error?: Error) =>
      withOverrides(stores.minio, {
        list: async function* () {
          const all = await listAll(stores.minio);
          yield all.filter(({ name }) => names.includes(name));
          if (error !== undefined) throw error;
        },
      });
    const broken = listing(['o/0'], new Error('cut'));
    await expect(remove({ source: broken })).rejects.toThrow('cut');
    expect(await remove({ source: listing(['o/0', 'o/1', 'o/2']) })).toMatchObject({
      deleted: 0,
      changed: 1,
    });
    expect(await listAll(stores.azure)).toHaveLength(4);
  });

  test('a blob that was written again after its listing is left alone', async () => {
    await mirrored(4);
    await stores.minio.remove('o/2', untilDone);
    const target = withOverrides(stores.azure, {
      removeVersion: async (name, etag, signal) => {
        await stores.putAzure(name, Buffer.from('new'));
        await stores.azure.removeVersion(name, etag, signal);
      },
    });
    expect(await remove({ target })).toMatchObject({ deleted: 0, changed: 1 });
    expect(await stores.azure.stat('o/2', untilDone)).toMatchObject({ sizeBytes: 3 });
  });
});

describe('comparing', () => {
  async function verify(options: Partial<VerifyOptions> = {}) {
    const drift: Drift[] = [];
    const onDrift = (one: Drift) => {
      drift.push(one);
    };
    const summary = await verifyMirror({ ...common(), contentShare: 0, onDrift, ...options });
    return { summary, drift: drift.map(({ kind, name }) => `${kind} ${name}`).toSorted() };
  }

  test('finds what is missing or different by the listings, and changes nothing', async () => {
    await mirrored(3);
    await stores.azure.remove('o/0', untilDone);
    await stores.putMinio('o/1', Buffer.from('another version'));
    await stores.putAzure('extra', Buffer.from('x'));
    const { summary, drift } = await verify();
    expect(drift).toEqual(['different o/1', 'missing o/0']);
    expect(summary).toMatchObject({ objects: 3, equal: 1, missing: 1, different: 1, extra: 1, read: 0 });
    expect(await stores.azure.stat('o/0', untilDone)).toBeUndefined();
  });

  test('by content finds bytes that changed behind the back of the listings, and a forced copy repairs them', async () => {
    const contents = await mirrored(3);
    const damaged = withOverrides(stores.azure, {
      openRead: async (name, options) => {
        const { info } = await stores.azure.openRead(name, options);
        const other = name === 'o/1' ? 'o/2' : name;
        return { info, stream: (await stores.azure.openRead(other, { signal: untilDone })).stream };
      },
    });
    const { summary, drift } = await verify({ target: damaged, contentShare: 1 });
    expect(drift).toEqual(['damaged o/1']);
    expect(summary).toMatchObject({ objects: 3, equal: 2, damaged: 1, read: 3 });

    const seen = (await stores.azure.stat('o/1', untilDone)) ?? null;
    const options = { signal: untilDone, seen };
    expect(await copyObject(stores.minio, stores.azure, 'o/1', options)).toMatchObject({ outcome: 'equal' });
    const forced = await copyObject(stores.minio, stores.azure, 'o/1', { ...options, force: true });
    expect(forced.outcome).toBe('copied');
    expect(forced.etag).not.toBe(seen?.etag);
    const { stream } = await stores.azure.openRead('o/1', { signal: untilDone });
    expect((await buffer(stream)).equals(contents.get('o/1') ?? Buffer.alloc(0))).toBe(true);
  });

  test('by content names the side that is damaged', async () => {
    await mirrored(2);
    const source = withOverrides(stores.minio, {
      openRead: async (name, options) => {
        const { info } = await stores.minio.openRead(name, options);
        return { info, stream: (await stores.minio.openRead('o/1', { signal: untilDone })).stream };
      },
    });
    expect((await verify({ source, contentShare: 1 })).drift).toEqual(['source_damaged o/0']);
  });

  test('reads a share of the objects', async () => {
    await mirrored(30);
    const { summary } = await verify({ contentShare: 0.3 });
    expect(summary.read).toBeGreaterThan(0);
    expect(summary.read).toBeLessThan(25);
  });
});

describe('restoring the bucket', () => {
  const restore = (options: Partial<RestoreOptions> = {}) =>
    restoreMirror({
      bucket: stores.minio,
      mirror: stores.azure,
      prefix: '',
      concurrency: 3,
      signal: untilDone,
      ...options,
    });

  test('brings lost objects back as they were, and replaces none', async () => {
    const contents = await mirrored(5);
    const before = await Promise.all([...contents.keys()].map((name) => stores.minio.stat(name, untilDone)));
    for (const name of ['o/1', 'o/2', 'o/3']) await stores.minio.remove(name, untilDone);
    await stores.putMinio('o/4', Buffer.from('a newer version'));
    expect(await restore({ dryRun: true })).toMatchObject({ missing: 3, restored: 0, kept: 2 });
    expect(await listAll(stores.minio)).toHaveLength(2);
    expect(await restore()).toMatchObject({ missing: 3, restored: 3, failed: 0, kept: 2 });
    for (const [index, name] of [...contents.keys()].entries()) {
      if (name === 'o/4') continue;
      const { info, stream } = await stores.minio.openRead(name, { signal: untilDone });
      expect((await buffer(stream)).equals(contents.get(name) ?? Buffer.alloc(0))).toBe(true);
      expect(info.metadata).toEqual(before[index]?.metadata);
      expect(info.contentType).toBe('audio/mpeg');
    }
    expect(await stores.minio.stat('o/4', untilDone)).toMatchObject({ sizeBytes: 15 });
    await stores.putMinio('o/4', contents.get('o/4') ?? Buffer.alloc(0));
    // What was restored counts as mirrored.
    expect(await runMirror({ ...common(), prefix: 'o/1' })).toMatchObject({ equal: 1, copied: 0 });
    expect(await restore()).toMatchObject({ missing: 0, restored: 0 });
  });

  test('refuses a blob that is not what was stored', async () => {
    const content = randomBytes(100);
    const sha256 = createHash('sha256').update('other').digest('hex');
    await stores.putAzure('bad', content, { sha256 });
    await stores.putAzure('good', content);
    const failed: string[] = [];
    const summary = await restore({
      onFailed: (name, { errorClass }) => {
        failed.push(`${errorClass} ${name}`);
      },
    });
    expect(summary).toMatchObject({ missing: 2, restored: 1, failed: 1 });
    expect(failed).toEqual(['storage_mismatch bad']);
    expect(await stores.minio.stat('bad', untilDone)).toBeUndefined();
  });
});

test('a filter leaves names out on both sides', async () => {
  await stores.putMinio('a/1.mp3', Buffer.from('1'));
  await stores.putMinio('a/2.wav', Buffer.from('2'));
  await stores.putMinio('b/3.mp3', Buffer.from('3'));
  const filter = { include: ['*.mp3'], exclude: ['b/*'] };
  expect(await runMirror({ ...common(), filter })).toMatchObject({ objects: 1, copied: 1 });
  expect((await listAll(stores.azure)).map(({ name }) => name)).toEqual(['a/1.mp3']);
});

test('an object that nothing tells the MD5 of, and one whose ETag only looks like an MD5', async () => {
  const content = randomBytes(5000);
  await stores.putMinio('plain', content);
  const foreign = (etag: string) =>
    withOverrides(stores.minio, {
      openContent: async (name, options) => {
        const { info, content: bytes } = await stores.minio.openContent(name, {
          ...options,
          signal: untilDone,
        });
        const { md5: _md5, ...rest } = info;
        return { info: { ...rest, etag, metadata: {} }, content: bytes };
      },
      openRead: (name, { signal }) => stores.minio.openRead(name, { signal }),
    });
  for (const etag of ['f'.repeat(32), 'abc-2']) {
    const result = await copyObject(foreign(etag), stores.azure, 'plain', { signal: untilDone });
    expect(result).toMatchObject({ md5: createHash('md5').update(content).digest('hex') });
    const { stream } = await stores.azure.openRead('plain', { signal: untilDone });
    expect((await buffer(stream)).equals(content)).toBe(true);
    await stores.azure.remove('plain', untilDone);
  }
});
