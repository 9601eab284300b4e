import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { connectRedis } from '../../src/queues/connections.ts';
import { EgressLedger, type EgressGrant, type StartOutcome } from '../../src/egress/egress-ledger.ts';
import { EgressModel, type ModelGrant } from '../support/egress-model.ts';
import { settableClock } from '../support/settable-clock.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import type { RedisConnection } from '../../src/queues/redis-connection.ts';

const HOUR_MS = 3_600_000;
const LIMITS = { budget: 4, spacingMs: 2_000, leaseMs: 30_000 };
const RESTS = { minRestMs: 60_000, maxRestMs: 200_000 };
const IDENTITY = { name: 'home', budgetPerHour: LIMITS.budget, spacingMs: LIMITS.spacingMs };

let environment: TestEnvironment;
let redis: RedisConnection;
beforeEach(async () => {
  environment = await openTestEnvironment();
  redis = connectRedis(environment.config.redis, 'producer');
});
afterEach(async () => {
  redis.disconnect();
  await environment.close();
});

const use = fc.constantFrom('download' as const, 'listing' as const);
const outcome: fc.Arbitrary<StartOutcome> = fc.oneof(
  fc.constant({ kind: 'answered' as const }),
  fc.constant({ kind: 'nothing' as const }),
  fc.record({
    kind: fc.constant('refused' as const),
    reason: fc.constant('bot_check'),
    restAtLeastMs: fc.constantFrom(0, 0, 0, 100_000, HOUR_MS),
  }),
);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('acquire' as const), use }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('report' as const),
      which: fc.constantFrom(0, 0, 0, 1, 2, 3),
      outcome,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('advance' as const),
      // Mostly to the time of the next start.
      to: fc.constantFrom('due' as const, 'due' as const, 'due' as const, 'before due' as const, 1, 30_000),
    }),
  },
);

function lengthOf(to: 'due' | 'before due' | number, waitMs: number): number {
  if (typeof to === 'number') return to;
  return Math.max(to === 'due' ? waitMs : waitMs - 1, 0);
}

test('the Redis scripts agree with the model for any sequence of events', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
      run += 1;
      const prefix = `${environment.config.redis.prefix}:${String(run)}`;
      const clock = settableClock(redis, prefix);
      let now = 1_800_000_000_000;
      await clock.set(now);
      const ledger = new EgressLedger(redis, prefix, clock.source);
      const model = new EgressModel(LIMITS, RESTS);
      const grants: { readonly real: EgressGrant; readonly expected: ModelGrant }[] = [];
      const startedAt: number[] = [];
      for (const taken of steps) {
        switch (taken.type) {
          case 'advance':
            now += lengthOf(taken.to, model.waitMs(now));
            await clock.set(now);
            break;
          case 'acquire': {
            const expected = model.acquire(now, taken.use);
            const real = await ledger.acquire([IDENTITY], taken.use, LIMITS.leaseMs, 0);
            if (typeof expected === 'number') {
              expect(real).toEqual({ waitMs: expected });
            } else {
              expect(real).toMatchObject({ epoch: expected.epoch, isProbe: expected.isProbe });
              if ('token' in real) grants.push({ real, expected });
              startedAt.push(now);
            }
            break;
          }
          case 'report': {
            // 0 is the latest grant.
            const grant = grants.at(-1 - taken.which);
            if (grant === undefined) break;
            const expected = model.report(now, grant.expected, taken.outcome);
            expect(await ledger.report(grant.real, taken.outcome, RESTS)).toEqual(expected);
          }
        }
      }
      for (const [index, at] of startedAt.entries()) {
        expect((startedAt[index + LIMITS.budget] ?? Infinity) - at).toBeGreaterThanOrEqual(HOUR_MS);
      }
    }),
    { numRuns: 200, endOnFailure: true },
  );
});
