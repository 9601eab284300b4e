import { expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { BatchedCalls } from './batched-calls.ts';

/** Notes what each batch gets; each waits for its end. */
function createBatches() {
  const batches: { readonly inputs: readonly number[]; readonly end: PromiseWithResolvers<undefined> }[] = [];
  const calls = new BatchedCalls<number, string>(async (inputs) => {
    const end = Promise.withResolvers<undefined>();
    batches.push({ inputs, end });
    await end.promise;
    return inputs.map((input) => (input < 0 ? Promise.reject(new Error('negative')) : String(input)));
  });
  return { batches, calls, end: (index: number) => batches[index]?.end.resolve(undefined) };
}

const inputsOf = ({ batches }: ReturnType<typeof createBatches>) => batches.map(({ inputs }) => inputs);

test('one that comes alone is made at once', async () => {
  const given = createBatches();
  const result = given.calls.call(1);
  await delay(1);
  expect(inputsOf(given)).toEqual([[1]]);
  given.end(0);
  expect(await result).toBe('1');
});

test('those of one turn of the event loop, and those that come while one is under way, are made together', async () => {
  const given = createBatches();
  const first = [given.calls.call(1), given.calls.call(2)];
  await delay(1);
  const later = [given.calls.call(3), given.calls.call(4)];
  given.end(0);
  expect(await Promise.all(first)).toEqual(['1', '2']);
  await delay(1);
  given.end(1);
  expect(await Promise.all(later)).toEqual(['3', '4']);
  expect(inputsOf(given)).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

test('one that hangs does not hold up the next ones', async () => {
  const given = createBatches();
  const hanging = given.calls.call(1);
  await delay(1);
  const next = given.calls.call(2);
  await delay(20);
  given.end(1);
  expect(await next).toBe('2');
  given.end(0);
  expect(await hanging).toBe('1');
});

test('what fails for one of them fails for that one; what fails as a whole, for each', async () => {
  const given = createBatches();
  const results = Promise.allSettled([given.calls.call(1), given.calls.call(-1)]);
  await delay(1);
  given.end(0);
  expect((await results).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);

  const broken = new BatchedCalls(() => Promise.reject(new Error('away')));
  const all = await Promise.allSettled([broken.call(1), broken.call(2)]);
  expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const odd = new BatchedCalls(() => Promise.resolve([]));
  await expect(odd.call(1)).rejects.toThrow('another number');
});

test('very many are made in several batches', async () => {
  const sizes: number[] = [];
  const calls = new BatchedCalls<number, number>((inputs) => {
    sizes.push(inputs.length);
    return Promise.resolve(inputs);
  });
  const inputs = Array.from({ length: 250 }, (_value, index) => index);
  expect(await Promise.all(inputs.map((input) => calls.call(input)))).toEqual(inputs);
  expect(sizes).toEqual([100, 100, 50]);
});

test('one with patience waits for others, and for no longer than that; one without takes it along', async () => {
  const given = createBatches();
  const patient = given.calls.call(1, 10_000);
  await delay(5);
  expect(inputsOf(given)).toEqual([]);
  const others = [given.calls.call(2, 10_000), given.calls.call(3)];
  await delay(2);
  expect(inputsOf(given)).toEqual([[1, 2, 3]]);
  given.end(0);
  expect(await Promise.all([patient, ...others])).toEqual(['1', '2', '3']);

  const alone = given.calls.call(4, 20);
  await delay(100);
  expect(inputsOf(given)).toEqual([[1, 2, 3], [4]]);
  given.end(1);
  expect(await alone).toBe('4');
});
