import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ObjectStore } from '../../src/storage/object-store.ts';
import { listAll, openTestStores, untilDone, type PutContent, type TestStores } from './test-stores.ts';

/** What every object store must do, run against a real server. */
export function describeObjectStore(
  which: string,
  pick: (stores: TestStores) => { store: ObjectStore; put: PutContent },
): void {
  describe(`${which} as an object store`, () => {
    let stores: TestStores;
    let store: ObjectStore;
    let put: PutContent;
    beforeAll(async () => {
      stores = await openTestStores();
      ({ store, put } = pick(stores));
    });
    afterAll(() => stores.close());

    const signal = untilDone;

    test('creates its container once, when asked repeatedly', async () => {
      await Promise.all([store.ensureContainer(signal), store.ensureContainer(signal)]);
    });

    test('returns what was put, with its object info', async () => {
      const content = randomBytes(300_000);
      const metadata = { title: 'Àgbà 😀 "%41"\n\u0001', author: ' spaces ' };
      await put('info/a b+ü&.mp3', content, metadata);
      const info = await store.stat('info/a b+ü&.mp3', signal);
      expect(info).toMatchObject({ sizeBytes: 300_000, contentType: 'audio/mpeg', metadata });
      expect(info?.md5).toMatch(/^[0-9a-f]{32}$/);
      let moved = 0;
      const onBytes = (bytes: number) => {
        moved += bytes;
      };
      const open = await store.openRead('info/a b+ü&.mp3', { signal, onBytes });
      expect(open.info).toEqual(info);
      expect((await buffer(open.stream)).equals(content)).toBe(true);
      expect(moved).toBe(300_000);
    });

    test('keeps empty objects', async () => {
      await put('empty/x', Buffer.alloc(0));
      expect(await store.stat('empty/x', signal)).toMatchObject({ sizeBytes: 0 });
      const { stream } = await store.openRead('empty/x', { signal });
      expect(await buffer(stream)).toHaveLength(0);
    });

    test('reports objects that do not exist', async () => {
      expect(await store.stat('nothing/here', signal)).toBeUndefined();
      await expect(store.openRead('nothing/here', { signal })).rejects.toMatchObject({
        errorClass: 'object_missing',
      });
      await store.remove('nothing/here', signal);
    });

    test('removes objects', async () => {
      await put('gone/x', Buffer.from('x'));
      await store.remove('gone/x', signal);
      expect(await store.stat('gone/x', signal)).toBeUndefined();
    });

    test('reads only the requested version', async () => {
      await put('version/x', Buffer.from('one'));
      const first = await store.stat('version/x', signal);
      const ifMatch = first?.etag ?? '';
      expect(String(await buffer((await store.openRead('version/x', { signal, ifMatch })).stream))).toBe(
        'one',
      );
      await put('version/x', Buffer.from('two'));
      await expect(store.openRead('version/x', { signal, ifMatch })).rejects.toMatchObject({
        name: 'ObjectChangedError',
      });
    });

    test('lists the objects below a prefix, with the same info as stat', async () => {
      for (const name of ['list/a.mp3', 'list/b/c+d e.mp3', 'list/é😀.mp3', 'list2/x']) {
        await put(name, Buffer.from(name));
      }
      const listed = await listAll(store, 'list/');
      expect(listed.map(({ name }) => name).toSorted()).toEqual(
        ['list/a.mp3', 'list/b/c+d e.mp3', 'list/é😀.mp3'].toSorted(),
      );
      for (const { name, etag, sizeBytes } of listed) {
        expect(await store.stat(name, signal)).toMatchObject({ etag, sizeBytes });
      }
      expect(await listAll(store, 'list/none')).toEqual([]);
    });

    test('lists more than one page', async () => {
      const names = Array.from({ length: 1003 }, (_value, index) => `many/${String(index).padStart(4, '0')}`);
      for (let start = 0; start < names.length; start += 32) {
        await Promise.all(names.slice(start, start + 32).map((name) => put(name, Buffer.from('x'))));
      }
      expect((await listAll(store, 'many/')).map(({ name }) => name)).toEqual(names);
    });

    test.each(['', '../x', 'a//b', '/a', 'a\u0001'])(
      'refuses the name %j before sending it',
      async (name) => {
        await expect(store.stat(name, signal)).rejects.toBeInstanceOf(RangeError);
        await expect(store.openRead(name, { signal })).rejects.toBeInstanceOf(RangeError);
        await expect(store.remove(name, signal)).rejects.toBeInstanceOf(RangeError);
      },
    );

    test('stops when its signal aborts', async () => {
      await put('stop/x', randomBytes(4_000_000));
      const controller = new AbortController();
      const { stream } = await store.openRead('stop/x', { signal: controller.signal });
      controller.abort();
      await expect(buffer(stream)).rejects.toMatchObject({ outcome: 'interrupted' });
      await expect(store.stat('stop/x', controller.signal)).rejects.toMatchObject({ outcome: 'interrupted' });
    });
  });
}
