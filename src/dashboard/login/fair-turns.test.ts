import { expect, test } from '@jest/globals';
import { FairTurns, TooManyWaitingError } from './fair-turns.ts';

test('whoever asks for much waits for it alone, and not more is done at once than allowed', async () => {
  const turns = new FairTurns({ concurrency: 2, maxWaiting: 50 });
  const done: string[] = [];
  let running = 0;
  let most = 0;
  const work = (name: string) => async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    done.push(name);
  };
  const greedy = Array.from({ length: 40 }, () => turns.run('greedy', work('greedy')));
  await Promise.all([...greedy, turns.run('other', work('other')), turns.run('third', work('third'))]);
  expect(most).toBe(2);
  expect(done).toHaveLength(42);
  expect(done.indexOf('other')).toBeLessThan(6);
  expect(done.indexOf('third')).toBeLessThan(6);
});

test('the one who asks for too much is refused, others are not; failed work holds up nothing', async () => {
  const turns = new FairTurns({ concurrency: 1, maxWaiting: 2 });
  const fails = () => Promise.reject(new Error('failed'));
  const outcomes = await Promise.allSettled([
    ...Array.from({ length: 5 }, () => turns.run('greedy', fails)),
    turns.run('other', () => Promise.resolve('done')),
  ]);
  const reasons = outcomes.map((outcome) =>
    outcome.status === 'rejected' ? (outcome.reason as Error).message : outcome.value,
  );
  const refused = new TooManyWaitingError().message;
  expect(reasons).toEqual(['failed', 'failed', 'failed', refused, refused, 'done']);
  expect(await turns.run('greedy', () => Promise.resolve('again'))).toBe('again');
});
