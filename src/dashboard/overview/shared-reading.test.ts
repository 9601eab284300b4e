import { expect, test } from '@jest/globals';
import { SharedReading } from './shared-reading.ts';

function setUp(options: { readonly reuseFactor?: number } = {}) {
  const pending: PromiseWithResolvers<number>[] = [];
  const read = () => {
    const one = Promise.withResolvers<number>();
    pending.push(one);
    return one.promise;
  };
  const reading = new SharedReading({ what: 'Reading', deadlineMs: 10_000, read, ...options });
  return { reading, pending };
}

test('those who ask at the same time share one reading', async () => {
  const { reading, pending } = setUp();
  const answers = Promise.all([reading.read(), reading.read(), reading.read()]);
  expect(pending).toHaveLength(1);
  pending[0]?.resolve(1);
  expect(await answers).toEqual([1, 1, 1]);
  expect(reading.last).toBe(1);
});

test('after a change nobody gets a reading that began before it', async () => {
  const { reading, pending } = setUp();
  const before = reading.read();
  reading.forget();
  const after = reading.read();
  expect(pending).toHaveLength(2);
  pending[0]?.resolve(1);
  expect(await before).toBe(1);
  const alsoAfter = reading.read();
  expect(pending).toHaveLength(2);
  pending[1]?.resolve(2);
  expect(await Promise.all([after, alsoAfter])).toEqual([2, 2]);
  expect(reading.last).toBe(2);
});

test('the last value outlives a reading that fails', async () => {
  const { reading, pending } = setUp();
  const first = reading.read();
  pending[0]?.resolve(1);
  await first;
  reading.forget();
  const second = reading.read();
  pending[1]?.reject(new Error('away'));
  await expect(second).rejects.toThrow('away');
  expect(reading.last).toBe(1);
});

test('a reading that took long is used again for a while, unless something was changed', async () => {
  const { reading, pending } = setUp({ reuseFactor: 1_000 });
  const first = reading.read();
  pending[0]?.resolve(1);
  await first;
  expect(await reading.read()).toBe(1);
  expect(pending).toHaveLength(1);
  reading.forget();
  const second = reading.read();
  expect(pending).toHaveLength(2);
  pending[1]?.resolve(2);
  expect(await second).toBe(2);
});

test('without that, each reading is of now', async () => {
  const { reading, pending } = setUp();
  const first = reading.read();
  pending[0]?.resolve(1);
  await first;
  const second = reading.read();
  expect(pending).toHaveLength(2);
  pending[1]?.resolve(2);
  expect(await second).toBe(2);
});
