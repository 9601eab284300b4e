import { expect, test } from '@jest/globals';
import { JoinedReads } from './joined-reads.ts';

function setUp() {
  const reads = new JoinedReads<number>();
  const started: PromiseWithResolvers<number>[] = [];
  const read = (key = 'same') =>
    reads.read(key, () => {
      const one = Promise.withResolvers<number>();
      started.push(one);
      return one.promise;
    });
  return { read, started };
}

/** All that follows at once has happened. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('those who ask at the same time share one reading', async () => {
  const { read, started } = setUp();
  const answers = Promise.all([read(), read(), read()]);
  await settle();
  expect(started).toHaveLength(1);
  started[0]?.resolve(1);
  expect(await answers).toEqual([1, 1, 1]);
});

test('who asks while one runs gets the next one, with all others who do', async () => {
  const { read, started } = setUp();
  const first = read();
  await settle();
  const later = [read(), read()];
  await settle();
  expect(started).toHaveLength(1);
  started[0]?.resolve(1);
  expect(await first).toBe(1);
  await settle();
  expect(started).toHaveLength(2);
  started[1]?.resolve(2);
  expect(await Promise.all(later)).toEqual([2, 2]);
});

test('a reading that fails fails for those who share it, and for nobody else', async () => {
  const { read, started } = setUp();
  const first = [read(), read()];
  await settle();
  const later = read();
  started[0]?.reject(new Error('away'));
  expect((await Promise.allSettled(first)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await settle();
  started[1]?.resolve(2);
  expect(await later).toBe(2);
});

test('readings of different things do not wait for each other', async () => {
  const { read, started } = setUp();
  const answers = Promise.all([read('one'), read('other')]);
  await settle();
  expect(started).toHaveLength(2);
  started[0]?.resolve(1);
  started[1]?.resolve(2);
  expect(await answers).toEqual([1, 2]);
});

test('a reading that throws at once is no exception for later ones', async () => {
  const reads = new JoinedReads<number>();
  const broken = reads.read('same', () => {
    throw new Error('broken');
  });
  await expect(broken).rejects.toThrow('broken');
  expect(await reads.read('same', () => Promise.resolve(1))).toBe(1);
});
