import { expect, test } from '@jest/globals';
import { SharedCopyLimit } from './shared-copy-limit.ts';

interface News {
  readonly successes: number;
  readonly wasThrottled: boolean;
}

function limitWith(exchangeShare: (news: News) => Promise<number>) {
  let hasLeft = 0;
  const exchange = async (news: News) => ({ share: await exchangeShare(news), wasCut: news.wasThrottled });
  const leave = () => {
    hasLeft += 1;
    return Promise.resolve();
  };
  return { limit: new SharedCopyLimit({ exchange, leave }, 32), hasLeft: () => hasLeft };
}

test('takes the share that all have agreed on, and tells what happened', async () => {
  const told: News[] = [];
  const { limit, hasLeft } = limitWith((news) => {
    told.push(news);
    return Promise.resolve(5);
  });
  await limit.during(async () => {
    expect(limit.current).toBe(5);
    limit.noteSuccess();
    limit.noteThrottled();
    limit.noteThrottled();
    await new Promise((resolve) => setTimeout(resolve, 10));
  });
  expect(told).toMatchObject([
    { successes: 0, wasThrottled: false },
    { successes: 1, wasThrottled: true },
  ]);
  expect(hasLeft()).toBe(1);
});

test('goes on by itself while Redis is away', async () => {
  const { limit } = limitWith(() => Promise.reject(new Error('away')));
  await limit.during(async () => {
    expect(limit.current).toBe(8);
    for (let success = 0; success < 10; success += 1) limit.noteSuccess();
    expect(limit.current).toBe(18);
    limit.noteThrottled();
    expect(limit.current).toBe(9);
    await expect(limit.copy(() => Promise.resolve('done'))).resolves.toBe('done');
  });
});

test('those who wait go on when the share grows', async () => {
  let share = 1;
  const { limit } = limitWith(() => Promise.resolve(share));
  await limit.during(async () => {
    let release: () => void = () => undefined;
    const first = limit.copy(() => new Promise<void>((resolve) => (release = resolve)));
    let hasRun = false;
    const second = limit.copy(() => {
      hasRun = true;
      return Promise.resolve();
    });
    await Promise.resolve();
    expect(hasRun).toBe(false);
    share = 4;
    await second;
    expect(hasRun).toBe(true);
    release();
    await first;
  });
});
