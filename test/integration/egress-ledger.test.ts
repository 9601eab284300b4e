import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Redis } from 'ioredis';
import type { EgressAddress } from '../../src/config/egress-identities.ts';
import { connectRedis } from '../../src/queues/connections.ts';
import {
  EgressLedger,
  type EgressGrant,
  type EgressUse,
  type EgressResult,
} from '../../src/egress/egress-ledger.ts';
import { settableClock } from '../support/settable-clock.ts';
import { openTestSetting, type TestEnvironment } from '../support/test-environment.ts';

const HOUR_MS = 3_600_000;
const LEASE_MS = 30_000;
const LIMITS = { minRestMs: 60_000, maxRestMs: HOUR_MS };
const HOME: EgressAddress = { name: 'home', budgetPerHour: 0, spacingMs: 0 };
const OFFICE: EgressAddress = { name: 'office', budgetPerHour: 0, spacingMs: 0 };
const START = 1_800_000_000_000;
const REFUSED: EgressResult = { kind: 'refused', reason: 'bot_check', restAtLeastMs: 0 };
const ANSWERED: EgressResult = { kind: 'answered' };
const NOTHING: EgressResult = { kind: 'nothing' };

let setting: TestEnvironment;
let redis: Redis;
let clock: ReturnType<typeof settableClock>;
let ledger: EgressLedger;

beforeEach(async () => {
  setting = await openTestSetting();
  redis = connectRedis(setting.config.redis, 'producer');
  clock = settableClock(redis, setting.config.redis.prefix);
  await clock.set(START);
  ledger = new EgressLedger(redis, setting.config.redis.prefix, clock.source);
});

afterEach(async () => {
  redis.disconnect();
  await setting.close();
});

const ask = (identities: readonly EgressAddress[] = [HOME], use: EgressUse = 'download') => {
  const [first, ...others] = identities;
  if (first === undefined) throw new Error('one identity at least');
  return ledger.acquire([first, ...others], use, LEASE_MS, 0);
};
async function granted(
  identities?: readonly EgressAddress[],
  use: EgressUse = 'download',
): Promise<EgressGrant> {
  const answer = await ask(identities, use);
  if ('waitMs' in answer) throw new Error(`expected a grant, was told to wait ${String(answer.waitMs)} ms`);
  return answer;
}
const report = (grant: EgressGrant, verdict: EgressResult) => ledger.report(grant, verdict, LIMITS);
const stateOf = async (name: string) => (await ledger.read()).find((state) => state.name === name);

describe('the budget', () => {
  test('never more starts in any hour than the budget, asked for by eight connections at once', async () => {
    const budget = 20;
    const identity = { ...HOME, budgetPerHour: budget };
    const connections = Array.from({ length: 8 }, () => connectRedis(setting.config.redis, 'producer'));
    const ledgers = connections.map(
      (connection) => new EgressLedger(connection, setting.config.redis.prefix, clock.source),
    );
    const startedAt: number[] = [];
    for (let minute = 0; minute <= 180; minute += 7) {
      await clock.set(START + minute * 60_000);
      const answers = await Promise.all(
        ledgers.flatMap((each) =>
          Array.from({ length: 3 }, () => each.acquire([identity], 'download', LEASE_MS)),
        ),
      );
      for (const answer of answers) if ('token' in answer) startedAt.push(minute * 60_000);
    }
    for (const connection of connections) connection.disconnect();
    for (const [index, at] of startedAt.entries()) {
      const next = startedAt[index + budget];
      if (next !== undefined) expect(next - at).toBeGreaterThanOrEqual(HOUR_MS);
    }
    expect(startedAt.length).toBe(budget * 3);
  });

  test('one that is refused is told when the next start is due, to the millisecond', async () => {
    const identity = { ...HOME, budgetPerHour: 2 };
    await granted([identity]);
    await clock.advance(10_000);
    await granted([identity]);
    await clock.advance(1_000);
    expect(await ask([identity])).toEqual({ waitMs: HOUR_MS - 11_000 });
    expect(await stateOf('home')).toMatchObject({
      circuit: 'closed',
      budgetPerHour: 2,
      usedLastHour: 2,
      nextStartInMs: HOUR_MS - 11_000,
    });
    await clock.advance(HOUR_MS - 11_001);
    expect(await ask([identity])).toEqual({ waitMs: 1 });
    await clock.advance(1);
    await granted([identity]);
    expect(await ask([identity])).toEqual({ waitMs: 10_000 });
  });

  test('between two starts there is the spacing, and up to as much again', async () => {
    const identity = { ...HOME, spacingMs: 5_000 };
    expect(await ledger.acquire([identity], 'download', LEASE_MS, 0)).toHaveProperty('token');
    expect(await ask([identity])).toEqual({ waitMs: 5_000 });
    await clock.advance(5_000);
    expect(await ledger.acquire([identity], 'listing', LEASE_MS, 0.5)).toHaveProperty('token');
    expect(await ask([identity])).toEqual({ waitMs: 7_500 });
  });

  test('a budget of 0 sets no limit, and the starts are counted all the same', async () => {
    for (let index = 0; index < 30; index += 1) await granted();
    expect(await stateOf('home')).toMatchObject({ budgetPerHour: 0, usedLastHour: 30, nextStartInMs: 0 });
  });

  test('it goes by the clock of Redis: clocks of workers that are days apart change nothing', async () => {
    const identity = { ...HOME, budgetPerHour: 1 };
    const real = Date.now;
    const own = new EgressLedger(redis, `${setting.config.redis.prefix}:real`);
    try {
      expect(await own.acquire([identity], 'download', LEASE_MS)).toHaveProperty('token');
      for (const skewMs of [-48 * HOUR_MS, 48 * HOUR_MS]) {
        Date.now = () => real() + skewMs;
        const answer = await own.acquire([identity], 'download', LEASE_MS);
        if ('token' in answer) throw new Error('a start was granted');
        expect(answer.waitMs).toBeGreaterThan(HOUR_MS - 60_000);
        expect(answer.waitMs).toBeLessThanOrEqual(HOUR_MS);
      }
    } finally {
      Date.now = real;
    }
  });
});

describe('the circuit', () => {
  test('of several that are refused at once one escalates, the others join', async () => {
    const grants = await Promise.all([granted(), granted(), granted(), granted()]);
    const changes = await Promise.all(grants.map((grant) => report(grant, REFUSED)));
    expect(changes.filter(({ change }) => change === 'opened')).toEqual([
      { change: 'opened', restMs: 60_000 },
    ]);
    expect(changes.filter(({ change }) => change === 'none')).toHaveLength(3);
    expect(await stateOf('home')).toMatchObject({
      circuit: 'open',
      level: 1,
      restMs: 60_000,
      reason: 'bot_check',
    });
    expect(await ask()).toEqual({ waitMs: 60_000 });
  });

  test('the rest doubles from refusal to refusal up to the longest, and a success resets it', async () => {
    const restsMs: number[] = [];
    await report(await granted(), REFUSED);
    for (let probe = 0; probe < 8; probe += 1) {
      const restMs = (await stateOf('home'))?.restMs ?? 0;
      restsMs.push(restMs / 60_000);
      await clock.advance(restMs - 1);
      expect(await ask()).toEqual({ waitMs: 1 });
      await clock.advance(1);
      expect(await stateOf('home')).toMatchObject({ circuit: 'half-open' });
      expect(await report(await granted(), REFUSED)).toMatchObject({ change: 'prolonged' });
    }
    expect(restsMs).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);

    await clock.advance(HOUR_MS);
    expect(await report(await granted(), ANSWERED)).toMatchObject({ change: 'closed' });
    expect(await stateOf('home')).toMatchObject({ circuit: 'closed', level: 0, reason: '', restMs: 0 });
    expect(await report(await granted(), REFUSED)).toMatchObject({ change: 'opened', restMs: 60_000 });
  });

  test('the site may ask for a longer rest, also by a late refusal', async () => {
    const [one, late] = [await granted(), await granted()];
    expect(await report(one, { ...REFUSED, restAtLeastMs: 100_000 })).toMatchObject({ restMs: 100_000 });
    await clock.advance(10_000);
    await report(late, { ...REFUSED, restAtLeastMs: HOUR_MS });
    expect(await stateOf('home')).toMatchObject({ circuit: 'open', level: 1, restMs: HOUR_MS });
  });

  test('what began before the opening neither opens nor closes anything later', async () => {
    const [one, two, three] = [await granted(), await granted(), await granted()];
    await report(one, REFUSED);
    expect(await report(two, ANSWERED)).toMatchObject({ change: 'none' });
    expect(await stateOf('home')).toMatchObject({ circuit: 'open' });
    await clock.advance(60_000);
    await report(await granted(), ANSWERED);
    expect(await report(three, REFUSED)).toMatchObject({ change: 'none' });
    expect(await stateOf('home')).toMatchObject({ circuit: 'closed', level: 0 });
  });

  test('of twenty that ask when the rest is over one is the probe, the others wait for it', async () => {
    await report(await granted(), REFUSED);
    await clock.advance(60_000);
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask()));
    const probes = answers.filter((answer) => 'token' in answer);
    expect(probes).toMatchObject([{ isProbe: true, isFirstProbe: true }]);
    expect(answers.filter((answer) => 'waitMs' in answer && answer.waitMs === LEASE_MS)).toHaveLength(19);
  });

  test('a probe that says nothing gives the place to another; the rest grows no longer', async () => {
    await report(await granted(), REFUSED);
    await clock.advance(60_000);
    expect(await report(await granted(), NOTHING)).toEqual({ change: 'none', restMs: 0 });
    const second = await granted();
    expect(second).toMatchObject({ isProbe: true, isFirstProbe: false });
    expect(await stateOf('home')).toMatchObject({ circuit: 'half-open', level: 1 });
  });

  test('a probe whose worker died is released after its lease, one that is renewed is not', async () => {
    await report(await granted(), REFUSED);
    await clock.advance(60_000);
    const probe = await granted();
    await clock.advance(LEASE_MS - 1);
    expect(await ledger.renew(probe, LEASE_MS)).toBe(true);
    await clock.advance(LEASE_MS - 1);
    expect(await ask()).toEqual({ waitMs: 1 });
    await clock.advance(1);
    const next = await granted();
    expect(next.isProbe).toBe(true);
    expect(await ledger.renew(probe, LEASE_MS)).toBe(false);
    // The old one comes back after all and does not take the place from the new one.
    await report(probe, NOTHING);
    expect(await ask()).toEqual({ waitMs: LEASE_MS });
  });

  test('a listing closes what a download opened, but the next refusal goes on from where it was', async () => {
    await report(await granted(), REFUSED);
    await clock.advance(60_000);
    await report(await granted(), REFUSED);
    await clock.advance(120_000);
    expect(await report(await granted([HOME], 'listing'), ANSWERED)).toMatchObject({ change: 'closed' });
    expect(await report(await granted(), REFUSED)).toMatchObject({ change: 'opened', restMs: 240_000 });
    await clock.advance(240_000);
    await report(await granted([HOME], 'listing'), ANSWERED);
    await report(await granted(), ANSWERED);
    expect(await stateOf('home')).toMatchObject({ circuit: 'closed', level: 0 });
  });
});

describe('several identities', () => {
  test('the least recently used goes first, and a limited one rests while the other works', async () => {
    const both = [HOME, OFFICE];
    const used: string[] = [];
    for (let index = 0; index < 4; index += 1) {
      used.push((await granted(both)).address);
      await clock.advance(1);
    }
    expect(used).toEqual(['home', 'office', 'home', 'office']);

    const refused = await granted(both);
    expect(refused.address).toBe('home');
    await report(refused, REFUSED);
    for (let index = 0; index < 3; index += 1) expect((await granted(both)).address).toBe('office');

    await report(await granted([OFFICE]), { ...REFUSED, restAtLeastMs: 90_000 });
    expect(await ask(both)).toEqual({ waitMs: 59_999 + 1 });
    expect((await ledger.read()).map(({ name, circuit }) => [name, circuit])).toEqual(
      expect.arrayContaining([
        ['home', 'open'],
        ['office', 'open'],
      ]),
    );
  });

  test('a spent budget of one leaves the other', async () => {
    const both = [{ ...HOME, budgetPerHour: 1 }, OFFICE];
    const used: string[] = [];
    for (let index = 0; index < 4; index += 1) used.push((await granted(both)).address);
    expect(used).toEqual(['home', 'office', 'office', 'office']);
  });

  test('an identity that nobody uses for a week is forgotten', async () => {
    await granted([OFFICE]);
    await clock.advance(7 * 24 * HOUR_MS + 1);
    await granted([HOME]);
    expect((await ledger.read()).map(({ name }) => name)).toEqual(['home']);
  });
});

test('without Redis nothing is granted, and the error costs no attempt', async () => {
  const away = connectRedis({ url: 'redis://127.0.0.1:1', prefix: 'away' }, 'producer');
  try {
    await expect(new EgressLedger(away, 'away').acquire([HOME], 'download', LEASE_MS)).rejects.toMatchObject({
      errorClass: 'redis_unavailable',
    });
  } finally {
    away.disconnect();
  }
});
