import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ERROR_CLASSES, type ErrorClass } from '../../src/domain/error-classes.ts';
import {
  InterruptedError,
  LaterError,
  OperatorError,
  PermanentError,
  SnoozeError,
  ThrottledError,
  toError,
  TransientError,
  type JobError,
} from '../../src/domain/job-errors.ts';
import { QUEUE_NAMES, type QueueName } from '../../src/domain/queues.ts';
import { openEgress } from '../../src/egress/egress.ts';
import { itemOf, type PayloadOf } from '../../src/queues/catalogue.ts';
import { MAINTENANCE_TASKS } from '../../src/queues/payloads.ts';
import { JobQueues } from '../../src/queues/job-queues.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import type { Processor } from '../../src/workers/processor.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

/**
 * The rule of docs/dev/guarantees.md: whatever one item always ends with, the others are done within a bound, and the item is
 * in a bounded number of runs failed or waiting for a stated time.
 */
const GOOD = 100;
const PROBE_MS = 100;
const REST_MS = 100;
/** In-queue attempts (10 at most), and the strikes until there is evidence. */
const MOST_TRIES = 16;
/** Without a bad item the good ones take well under a second; each bad one may add its rests and probes. */
const boundMs = (bad: number) => 10_000 + bad * 20 * (PROBE_MS + REST_MS);

interface Scenario {
  readonly queue: QueueName;
  readonly errorClass: ErrorClass;
  readonly bad: number;
  readonly workers: number;
}

let base: TestEnvironment;
beforeAll(async () => {
  base = await openTestEnvironment({
    OPERATOR_PROBE_SECONDS: String(PROBE_MS / 1000),
    THROTTLE_MIN_REST_SECONDS: String(REST_MS / 1000),
    THROTTLE_MAX_REST_SECONDS: '1',
    ATTEMPT_DELAY_SECONDS: '0.02',
  });
});
afterAll(async () => {
  await base.close();
});

const CLASSES = Object.keys(ERROR_CLASSES) as ErrorClass[];

test.each(QUEUE_NAMES)(
  'in the queue %s, an item that always ends with the same error does not stop the others, whatever the error',
  async (queue) => {
    const scenarios = CLASSES.map((errorClass): Scenario => ({ queue, errorClass, bad: 1, workers: 1 }));
    await runAll(scenarios);
  },
);

test('nor do five of them with two workers', async () => {
  const classes = ['bot_check', 'disk_full', 'network', 'private', 'shutdown', 'postponed'] as const;
  await runAll(classes.map((errorClass) => ({ queue: 'download', errorClass, bad: 5, workers: 2 })));
});

async function runAll(scenarios: readonly Scenario[]): Promise<void> {
  const left = scenarios.values();
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (const scenario of left) {
        await run(scenario).catch((cause: unknown) => {
          throw new Error(`${scenario.queue}, ${scenario.errorClass}: ${toError(cause).message}`, { cause });
        });
      }
    }),
  );
}

async function run({ queue, errorClass, bad, workers }: Scenario): Promise<void> {
  const { url, prefix } = base.config.redis;
  const redis = { url, prefix: `${prefix}:${queue}-${errorClass}-${String(bad)}` };
  const config = { ...base.config, redis };
  const queues = new JobQueues(redis);
  const test = new TestWorkers({ ...base, config, queues });
  try {
    const egress = openEgress(config, queues, createSilentLogger());
    // There are only so many maintenance tasks.
    const count = queue === 'maintenance' ? MAINTENANCE_TASKS.length : bad + GOOD;
    const payloads = payloadsOf(queue, count);
    const badItems = new Set(payloads.slice(0, bad).map((payload) => itemOf(queue, payload)));
    const tries = new Map<string, number>();
    const done = new Set<string>();
    const work = (item: string): Promise<void> => {
      if (!badItems.has(item)) return Promise.resolve();
      tries.set(item, (tries.get(item) ?? 0) + 1);
      return Promise.reject(errorOf(errorClass));
    };
    const processor: Processor<QueueName> = {
      process: async (payload, { signal }) => {
        const item = itemOf(queue, payload);
        const isAtSite = queue === 'download' || queue === 'playlist';
        await (isAtSite ? egress.use('download', item, signal, () => work(item)) : work(item));
        done.add(item);
        return {};
      },
    };
    for (let index = 0; index < workers; index += 1) test.start(queue, processor, 3);
    for (const payload of payloads) await queues.add(queue, payload);
    const goodItems = new Set(
      payloads.map((payload) => itemOf(queue, payload)).filter((i) => !badItems.has(i)),
    );
    await eventually('the good items', () => done.size === goodItems.size, Boolean, boundMs(bad));
    const ended = await eventually(
      'the end or the delay of the bad items',
      () => queues.jobs.counts(queue),
      ({ waiting, active, failed, delayed }) => waiting + active === 0 && failed + delayed === bad,
    );
    expect(ended.failed + ended.delayed).toBe(bad);
    for (const item of badItems) expect(tries.get(item)).toBeLessThanOrEqual(MOST_TRIES);
  } finally {
    await test.stop();
    await queues.close();
  }
}

function errorOf(errorClass: ErrorClass): JobError {
  const message = 'It always ends so.';
  const { outcome } = ERROR_CLASSES[errorClass];
  switch (outcome) {
    case 'transient':
      return new TransientError(errorClass as never, message);
    case 'throttled':
      return new ThrottledError(errorClass as never, message);
    case 'operator':
      return new OperatorError(errorClass as never, message);
    case 'permanent':
      return new PermanentError(errorClass as never, message);
    case 'later':
      return new LaterError(errorClass as never, message);
    case 'interrupted':
      return new InterruptedError(message);
    case 'snooze':
      return new SnoozeError(errorClass as never, message, { delayMs: 60_000 });
  }
}

function payloadsOf<N extends QueueName>(queue: N, count: number): PayloadOf<N>[] {
  const of = (index: number): PayloadOf<QueueName> => {
    const video = {
      provider: 'youtube' as const,
      videoId: `item-${String(index).padStart(6, '0')}`,
      round: 0,
    };
    const run = { sourceId: `source-${String(index)}`, scheduledFor: '2026-01-01T00:00:00.000Z', round: 0 };
    switch (queue) {
      case 'download':
      case 'upload':
      case 'sync':
        return video;
      case 'playlist':
        return { playlistId: `playlist.${String(index)}` };
      case 'retry':
        return { stage: 'upload', ...video };
      case 'collect':
        return { ...run, trigger: 'manual' };
      case 'maintenance':
        return { task: MAINTENANCE_TASKS[index] ?? 'reconcile' };
    }
  };
  return Array.from({ length: count }, (_, index) => of(index) as PayloadOf<N>);
}
