import type { EgressAddress } from '../../src/domain/egress-address.ts';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connectRedis } from '../../src/queues/connections.ts';
import {
  EgressLedger,
  type EgressGrant,
  type EgressUse,
  type StartOutcome,
} from '../../src/egress/egress-ledger.ts';
import { settableClock } from '../support/settable-clock.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import type { RedisConnection } from '../../src/queues/redis-connection.ts';

const HOUR_MS = 3_600_000;
const LEASE_MS = 30_000;
const LIMITS = { minRestMs: 60_000, maxRestMs: HOUR_MS };
const HOME: EgressAddress = { name: 'home', budgetPerHour: 0, spacingMs: 0 };
const OFFICE: EgressAddress = { name: 'office', budgetPerHour: 0, spacingMs: 0 };
const START = 1_800_000_000_000;
const REFUSED: StartOutcome = { kind: 'refused', reason: 'bot_check', restAtLeastMs: 0 };
const ANSWERED: StartOutcome = { kind: 'answered' };
const NOTHING: StartOutcome = { kind: 'nothing' };

let environment: TestEnvironment;
let redis: RedisConnection;
let clock: ReturnType<typeof settableClock>;
let ledger: EgressLedger;

beforeEach(async () => {
  environment = await openTestEnvironment();
  redis = connectRedis(environment.config.redis, 'producer');
  clock = settableClock(redis, environment.config.redis.prefix);
  await clock.set(START);
  ledger = new EgressLedger(redis, environment.config.redis.prefix, clock.source);
});

afterEach(async () => {
  redis.disconnect();
  await environment.close();
});

const ask = (addresses: readonly EgressAddress[] = [HOME], use: EgressUse = 'download') => {
  const [first, ...others] = addresses;
  if (first === undefined) throw new Error('At least one address is needed.');
  return ledger.acquire([first, ...others], use, LEASE_MS, 0);
};
async function granted(
  addresses?: readonly EgressAddress[],
  use: EgressUse = 'download',
): Promise<EgressGrant> {
  const answer = await ask(addresses, use);
  if ('waitMs' in answer) throw new Error(`Expected a grant, got a wait of ${String(answer.waitMs)} ms`);
  return answer;
}
const report = (grant: EgressGrant, outcome: StartOutcome) => ledger.report(grant, outcome, LIMITS);
const stateOf = async (name: string) => (await ledger.read()).find((state) => state.name === name);

describe('the budget', () => {
  test('grants no more starts in any hour than the budget, with eight connections at once', async () => {
    const budget = 20;
    const address = { ...HOME, budgetPerHour: budget };
    const connections = Array.from({ length: 8 }, () => connectRedis(environment.config.redis, 'producer'));
    const ledgers = connections.map(
      (connection) => new EgressLedger(connection, environment.config.redis.prefix, clock.source),
    );
    const startedAt: number[] = [];
    for (let minute = 0; minute <= 180; minute += 7) {
      await clock.set(START + minute * 60_000);
      const answers = await Promise.all(
        ledgers.flatMap((each) =>
          Array.from({ length: 3 }, () => each.acquire([address], 'download', LEASE_MS)),
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

  test('says to the millisecond when the next start is due', async () => {
    const address = { ...HOME, budgetPerHour: 2 };
    await granted([address]);
    await clock.advance(10_000);
    await granted([address]);
    await clock.advance(1_000);
    expect(await ask([address])).toEqual({ waitMs: HOUR_MS - 11_000 });
    expect(await stateOf('home')).toMatchObject({
      circuit: 'closed',
      budgetPerHour: 2,
      usedLastHour: 2,
      nextStartInMs: HOUR_MS - 11_000,
    });
    await clock.advance(HOUR_MS - 11_001);
    expect(await ask([address])).toEqual({ waitMs: 1 });
    await clock.advance(1);
    await granted([address]);
    expect(await ask([address])).toEqual({ waitMs: 10_000 });
  });

  test('keeps the spacing between two starts, and up to as much again', async () => {
    const address = { ...HOME, spacingMs: 5_000 };
    expect(await ledger.acquire([address], 'download', LEASE_MS, 0)).toHaveProperty('token');
    expect(await ask([address])).toEqual({ waitMs: 5_000 });
    await clock.advance(5_000);
    expect(await ledger.acquire([address], 'listing', LEASE_MS, 0.5)).toHaveProperty('token');
    expect(await ask([address])).toEqual({ waitMs: 7_500 });
  });

  test('has no limit with a budget of 0, but counts the starts', async () => {
    for (let index = 0; index < 30; index += 1) await granted();
    expect(await stateOf('home')).toMatchObject({ budgetPerHour: 0, usedLastHour: 30, nextStartInMs: 0 });
  });

  test('uses the clock of Redis: clocks of workers that are days apart change nothing', async () => {
    const address = { ...HOME, budgetPerHour: 1 };
    const real = Date.now;
    const own = new EgressLedger(redis, `${environment.config.redis.prefix}:real`);
    try {
      expect(await own.acquire([address], 'download', LEASE_MS)).toHaveProperty('token');
      for (const skewMs of [-48 * HOUR_MS, 48 * HOUR_MS]) {
        Date.now = () => real() + skewMs;
        const answer = await own.acquire([address], 'download', LEASE_MS);
        if ('token' in answer) throw new Error('a start was granted');
        expect(answer.waitMs).toBeGreaterThan(HOUR_MS - 60_000);
        expect(answer.waitMs).toBeLessThanOrEqual(HOUR_MS);
      }
    } finally {
      Date.now = real;
    }
  });
});

describe('the circuit breaker', () => {
  test('of several refusals at once one escalates', async () => {
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

  test('the rest doubles with each refusal up to its maximum, and a success resets it', async () => {
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

  test('the site may request a longer rest, also with a late refusal', async () => {
    const [one, late] = [await granted(), await granted()];
    expect(await report(one, { ...REFUSED, restAtLeastMs: 100_000 })).toMatchObject({ restMs: 100_000 });
    await clock.advance(10_000);
    await report(late, { ...REFUSED, restAtLeastMs: HOUR_MS });
    expect(await stateOf('home')).toMatchObject({ circuit: 'open', level: 1, restMs: HOUR_MS });
  });

  test('a start before the opening neither opens nor closes the circuit later', async () => {
    const [one, two, three] = [await granted(), await granted(), await granted()];
    await report(one, REFUSED);
    expect(await report(two, ANSWERED)).toMatchObject({ change: 'none' });
    expect(await stateOf('home')).toMatchObject({ circuit: 'open' });
    await clock.advance(60_000);
    await report(await granted(), ANSWERED);
    expect(await report(three, REFUSED)).toMatchObject({ change: 'none' });
    expect(await stateOf('home')).toMatchObject({ circuit: 'closed', level: 0 });
  });

  test('of twenty requests after the rest one is the probe, the others wait for it', async () => {
    await report(await granted(), REFUSED);
    await clock.advance(60_000);
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask()));
    const probes = answers.filter((answer) => 'token' in answer);
    expect(probes).toMatchObject([{ isProbe: true, isFirstProbe: true }]);
    expect(answers.filter((answer) => 'waitMs' in answer && answer.waitMs === LEASE_MS)).toHaveLength(19);
  });

  test('a probe without a result makes place for another; the rest does not grow', async () => {
    await report(await granted(), REFUSED);
    await clock.advance(60_000);
    expect(await report(await granted(), NOTHING)).toEqual({ change: 'none', restMs: 0 });
    const second = await granted();
    expect(second).toMatchObject({ isProbe: true, isFirstProbe: false });
    expect(await stateOf('home')).toMatchObject({ circuit: 'half-open', level: 1 });
  });

  test('a probe of a lost worker ends with its lease, a renewed one does not', async () => {
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
    // The old probe reports late and does not end the new one.
    await report(probe, NOTHING);
    expect(await ask()).toEqual({ waitMs: LEASE_MS });
  });

  test('a listing closes a circuit that a download opened, but the next refusal escalates further', async () => {
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

describe('several egress addresses', () => {
  test('the least recently used is taken first, and a limited one rests while the other is used', async () => {
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

  test('the used-up budget of one does not affect the other', async () => {
    const both = [{ ...HOME, budgetPerHour: 1 }, OFFICE];
    const used: string[] = [];
    for (let index = 0; index < 4; index += 1) used.push((await granted(both)).address);
    expect(used).toEqual(['home', 'office', 'office', 'office']);
  });

  test('an egress address that is not used for a week is forgotten', async () => {
    await granted([OFFICE]);
    await clock.advance(7 * 24 * HOUR_MS + 1);
    await granted([HOME]);
    expect((await ledger.read()).map(({ name }) => name)).toEqual(['home']);
  });
});

describe('who is to blame', () => {
  const startOf = async (item: string, use: EgressUse = 'download') => {
    const answer = await ledger.acquire([HOME], use, LEASE_MS, 0, item);
    if ('waitMs' in answer) throw new Error(`${item} waits ${String(answer.waitMs)} ms.`);
    return answer;
  };
  const restIsOver = () => clock.advance(HOUR_MS);

  test('an item that is refused again after another was served is the cause, and the address does not rest', async () => {
    expect(await report(await startOf('bad'), REFUSED)).toMatchObject({ change: 'opened' });
    await restIsOver();
    expect(await report(await startOf('good'), ANSWERED)).toMatchObject({ change: 'closed' });
    expect(await report(await startOf('bad'), REFUSED)).toEqual({ change: 'item', restMs: 0 });
    expect(await stateOf('home')).toMatchObject({ circuit: 'closed' });
    // It stays the cause, also when nobody else is left.
    expect(await report(await startOf('bad'), REFUSED)).toMatchObject({ change: 'item' });
  });

  test('different items that are refused in a row are the address, whose rest grows', async () => {
    expect(await report(await startOf('one'), REFUSED)).toMatchObject({ restMs: 60_000 });
    await restIsOver();
    expect(await report(await startOf('two'), REFUSED)).toMatchObject({
      change: 'prolonged',
      restMs: 120_000,
    });
    await restIsOver();
    expect(await report(await startOf('one'), REFUSED)).toMatchObject({
      change: 'prolonged',
      restMs: 240_000,
    });
  });

  test('what an item itself was served before its refusal is no evidence against it', async () => {
    await report(await startOf('bad'), REFUSED);
    await restIsOver();
    const second = await startOf('bad');
    expect(await report(second, ANSWERED)).toMatchObject({ change: 'closed' });
    expect(await report(second, REFUSED)).toMatchObject({ change: 'opened' });
  });

  test('a start from before the refusal that is served later is no evidence', async () => {
    const early = await startOf('early');
    await report(await startOf('bad'), REFUSED);
    await report(early, ANSWERED);
    await restIsOver();
    expect(await report(await startOf('bad'), REFUSED)).toMatchObject({ change: 'prolonged' });
  });

  test('the refused item leaves the probe to another for 30 s at most; the state names both', async () => {
    await report(await startOf('bad'), REFUSED);
    await clock.advance(60_000);
    expect(await ledger.acquire([HOME], 'download', LEASE_MS, 0, 'bad')).toEqual({
      waitMs: 30_000,
      isForOthers: true,
    });
    await clock.advance(30_000);
    await report(await startOf('bad'), { kind: 'nothing' });
    await startOf('other');
    expect(await stateOf('home')).toMatchObject({ circuit: 'half-open', item: 'bad', probeItem: 'other' });
  });

  test('a rest that is ended by hand lets one start probe; the rest grows when that is refused', async () => {
    await report(await startOf('bad'), REFUSED);
    const { usedLastHour } = (await stateOf('home')) ?? {};
    expect(await ledger.endRest('home')).toBe(true);
    expect(await ledger.endRest('home')).toBe(false);
    expect(await stateOf('home')).toMatchObject({ circuit: 'half-open', level: 1, usedLastHour });
    const probe = await startOf('other');
    expect(probe.isProbe).toBe(true);
    expect(await ledger.acquire([HOME], 'download', LEASE_MS, 0, 'third')).toHaveProperty('waitMs');
    expect(await report(probe, REFUSED)).toMatchObject({ change: 'prolonged', restMs: 120_000 });
    expect(await ledger.endRest('home')).toBe(true);
    expect(await report(await startOf('third'), ANSWERED)).toMatchObject({ change: 'closed' });
    expect(await ledger.endRest('home')).toBe(false);
  });

  test('an ended rest does not give back what the budget has spent', async () => {
    const limited = { ...HOME, budgetPerHour: 1 };
    const first = await ledger.acquire([limited], 'download', LEASE_MS, 0, 'bad');
    if ('waitMs' in first) throw new Error('It waits.');
    await report(first, REFUSED);
    await ledger.endRest('home');
    const next = await ledger.acquire([limited], 'download', LEASE_MS, 0, 'other');
    expect(next).toMatchObject({ waitMs: HOUR_MS });
  });

  test('the longest rest holds, whatever the site asks for', async () => {
    const limits = { minRestMs: 60_000, maxRestMs: 300_000 };
    const asked = { ...REFUSED, restAtLeastMs: HOUR_MS };
    const [one, late] = [await startOf('one'), await startOf('late')];
    expect(await ledger.report(one, asked, limits)).toMatchObject({ restMs: 300_000 });
    await clock.advance(10_000);
    await ledger.report(late, asked, limits);
    expect((await stateOf('home'))?.restMs).toBeLessThanOrEqual(300_000);
  });
});

describe('an outage', () => {
  const failed = (reason = 'network'): StartOutcome => ({ kind: 'failed', reason });
  const fail = async (item: string, reason?: string) => {
    const answer = await ledger.acquire([HOME], 'download', LEASE_MS, 0, item);
    if ('waitMs' in answer) throw new Error(`${item} waits ${String(answer.waitMs)} ms.`);
    return (await ledger.report(answer, failed(reason), LIMITS)).change;
  };

  test('opens the circuit when most of the last starts of several items fail alike, and one that is served ends it', async () => {
    const changes: string[] = [];
    for (let index = 0; index < 10; index += 1) changes.push(await fail(`item-${String(index)}`));
    expect(changes).toEqual([...Array.from({ length: 9 }, () => 'none'), 'opened']);
    expect(await stateOf('home')).toMatchObject({ circuit: 'open', reason: 'network' });
    await clock.advance(HOUR_MS);
    expect(await fail('probe')).toBe('prolonged');
    await clock.advance(HOUR_MS);
    const served = await ledger.acquire([HOME], 'download', LEASE_MS, 0, 'served');
    if ('waitMs' in served) throw new Error('It waits.');
    expect(await report(served, ANSWERED)).toMatchObject({ change: 'closed' });
  });

  test.each([
    ['one item fails again and again', () => 'always-the-same', () => 'network'],
    [
      'the classes differ',
      (i: number) => `item-${String(i)}`,
      (i: number) => (i % 2 ? 'network' : 'extraction'),
    ],
  ])('is none when %s', async (_what, item, reason) => {
    for (let index = 0; index < 20; index += 1) expect(await fail(item(index), reason(index))).toBe('none');
  });

  test('is none when every third start is served', async () => {
    for (let index = 0; index < 20; index += 1) {
      if (index % 3 === 0) await report(await granted(), ANSWERED);
      else expect(await fail(`item-${String(index)}`)).toBe('none');
    }
  });

  test('a failure that was under way when it began joins it', async () => {
    const late = await ledger.acquire([HOME], 'download', LEASE_MS, 0, 'late');
    if ('waitMs' in late) throw new Error('It waits.');
    for (let index = 0; index < 10; index += 1) await fail(`item-${String(index)}`);
    expect(await ledger.report(late, failed(), LIMITS)).toMatchObject({ change: 'outage' });
  });
});

test('without Redis no start is granted, and the error costs no attempt', async () => {
  const away = connectRedis({ url: 'redis://127.0.0.1:1', prefix: 'away' }, 'producer');
  try {
    await expect(new EgressLedger(away, 'away').acquire([HOME], 'download', LEASE_MS)).rejects.toMatchObject({
      errorClass: 'redis_unavailable',
    });
  } finally {
    away.disconnect();
  }
});
