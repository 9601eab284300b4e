import { describe, expect, test } from '@jest/globals';
import { LoginDelays, MAX_DELAY_MS } from './login-delays.ts';

const HOUR_MS = 3_600_000;
const MISSES = () => Promise.resolve(false);
const HITS = () => Promise.resolve(true);

function setUp() {
  let now = 1_000_000;
  const delays = new LoginDelays(() => now);
  return { delays, wait: (ms: number) => (now += ms) };
}

describe('delays of logins', () => {
  test('grow with each failure, up to a limit, and the right password gets in after each of them', async () => {
    const { delays, wait } = setUp();
    const seen: number[] = [];
    for (let failure = 0; failure < 12; failure += 1) {
      const outcome = await delays.attempt('ama', 'net', MISSES);
      if (outcome.kind !== 'wrong') throw new Error(outcome.kind);
      seen.push(outcome.delayMs / 1000);
      wait(outcome.delayMs);
    }
    expect(seen).toEqual([0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
    expect(Math.max(...seen) * 1000).toBe(MAX_DELAY_MS);
    expect(await delays.attempt('ama', 'net', HITS)).toEqual({ kind: 'right' });
    expect(await delays.attempt('ama', 'net', MISSES)).toEqual({ kind: 'wrong', delayMs: 0 });
  });

  test('are not lengthened by attempts that come too early, which are not looked at', async () => {
    const { delays, wait } = setUp();
    for (let failure = 0; failure < 3; failure += 1) await delays.attempt('ama', 'net', MISSES);
    let looks = 0;
    const look = () => {
      looks += 1;
      return Promise.resolve(true);
    };
    wait(400);
    for (let early = 0; early < 100; early += 1)
      expect(await delays.attempt('ama', 'net', look)).toEqual({ kind: 'too_early', waitMs: 600 });
    expect(looks).toBe(0);
    wait(600);
    expect(await delays.attempt('ama', 'net', look)).toEqual({ kind: 'right' });
  });

  test.each([
    ['another name', 'kofi', 'net'],
    ['another network', 'ama', 'other'],
    ['a name and network that read the same in one line', 'ama\nnet', ''],
  ])('are not those of %s', async (_what, name, network) => {
    const { delays } = setUp();
    for (let failure = 0; failure < 3; failure += 1) await delays.attempt('ama', 'net', MISSES);
    expect(await delays.attempt(name, network, HITS)).toEqual({ kind: 'right' });
  });

  test('are forgotten after a while', async () => {
    const { delays, wait } = setUp();
    for (let failure = 0; failure < 9; failure += 1) {
      await delays.attempt('ama', 'net', MISSES);
      wait(MAX_DELAY_MS);
    }
    wait(HOUR_MS);
    expect(await delays.attempt('ama', 'net', MISSES)).toEqual({ kind: 'wrong', delayMs: 0 });
  });

  test('stay while thousands of other names are tried', async () => {
    const { delays } = setUp();
    for (let failure = 0; failure < 3; failure += 1) await delays.attempt('ama', 'net', MISSES);
    for (let index = 0; index < 25_000; index += 1) await delays.attempt(`x${String(index)}`, 'net', MISSES);
    expect(await delays.attempt('ama', 'net', HITS)).toMatchObject({ kind: 'too_early' });
  });

  test('of attempts that are sent at once: each is looked at after the one before', async () => {
    const { delays } = setUp();
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => delays.attempt('ama', 'net', MISSES)),
    );
    expect(outcomes.filter(({ kind }) => kind === 'wrong')).toHaveLength(3);
    const rights = await Promise.all(Array.from({ length: 20 }, () => delays.attempt('kofi', 'net', HITS)));
    expect(rights.every(({ kind }) => kind === 'right')).toBe(true);
  });

  test('an attempt that cannot be looked at holds up no other', async () => {
    const { delays } = setUp();
    await expect(delays.attempt('ama', 'net', () => Promise.reject(new Error('no disk')))).rejects.toThrow(
      'no disk',
    );
    expect(await delays.attempt('ama', 'net', HITS)).toEqual({ kind: 'right' });
  });
});
