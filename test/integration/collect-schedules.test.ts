import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { document, kindOfItems, scriptedSource } from '../support/scripted-source.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import { openCollectorHttpClient } from '../../src/collectors/collector-http-client.ts';
import { createCollectTick } from '../../src/workers/processors/collect-tick.ts';
import { createCollectProcessor } from '../../src/workers/processors/collect.ts';
import { nextTick, previousTick } from '../../src/config/cron.ts';
import { keepCronSchedules, type ScheduleDependencies } from '../../src/workers/keep-schedules.ts';
import { registrationOf, type ConfiguredSource } from '../../src/collectors/configured-source.ts';

let environment: TestEnvironment;
let workers: TestWorkers;

beforeEach(async () => {
  environment = await openTestEnvironment();
  workers = new TestWorkers(environment);
});
afterEach(async () => {
  await workers.stop();
  await environment.close();
});

const hourly = scriptedSource({ id: 'hourly' });
const nightly = scriptedSource({
  id: 'nightly',
  schedule: { pattern: '0 2 * * *', timeZone: 'Europe/Paris' },
});
const keyless = scriptedSource({ id: 'keyless', missingKey: 'OWM_API_KEY' });

const scheduleOptions = (sources: readonly ConfiguredSource[], now = new Date()): ScheduleDependencies => ({
  config: environment.config,
  database: environment.database,
  queues: environment.queues,
  logger: createSilentLogger(),
  sources,
  workerName: 'test',
  now: () => now,
});
const updateSchedules = (sources: readonly ConfiguredSource[], now?: Date) =>
  keepCronSchedules(scheduleOptions(sources, now));
const scheduled = async () => [...(await environment.queues.schedules.next()).keys()].sort();
const daily = ['cron.digest', 'cron.snapshot', 'cron.verify-snapshot'];

test('schedules follow the sources file, and are restored after a loss of Redis', async () => {
  await environment.database.sources.sync([hourly, nightly, keyless].map(registrationOf), new Date());
  await updateSchedules([hourly, nightly, keyless]);
  expect(await scheduled()).toEqual(['collect.hourly', 'collect.nightly', ...daily]);
  expect((await environment.database.sources.findById('keyless'))?.disabled_reason).toBe(
    'missing OWM_API_KEY',
  );
  await updateSchedules([nightly]);
  expect(await scheduled()).toEqual(['collect.nightly', ...daily]);
  await environment.queues.queue('maintenance').obliterate({ force: true });
  expect(await scheduled()).toEqual([]);
  await updateSchedules([nightly]);
  expect(await scheduled()).toEqual(['collect.nightly', ...daily]);
});

test('a schedule is written only when it differs; one without its next job, or with a job too far ahead, is repaired', async () => {
  const { schedules } = environment.queues;
  const wanted = [
    { id: 'collect.a', payload: { task: 'collect-tick', sourceId: 'a' }, repeat: hourly.schedule },
  ] as const;
  const now = new Date();
  const keep = () => schedules.keep(wanted, now, 'collect');
  const all = await Promise.all([keep(), keep(), keep()]);
  expect(all.flatMap((changes) => changes?.written ?? [])).toEqual(['collect.a']);
  expect(await keep()).toEqual({ written: [], removed: [] });
  const next = (await schedules.next()).get('collect.a');
  expect(next).toEqual(nextTick(hourly.schedule, now));
  await environment.queues.redis.del(
    environment.queues.queue('maintenance').toKey(`repeat:collect.a:${String(next?.getTime())}`),
  );
  expect(await keep()).toEqual({ written: ['collect.a'], removed: [] });
  // For this clock, an hour behind, the next job is too far ahead.
  const behind = new Date(now.getTime() - 2 * 3_600_000);
  expect((await schedules.keep(wanted, behind, 'collect'))?.written).toEqual(['collect.a']);
});

test('a scheduled job has its slot, however late it runs', async () => {
  const slots: (Date | undefined)[] = [];
  const soon = { pattern: '* * * * * *', timeZone: 'Europe/Paris' };
  await updateSchedules([scriptedSource({ id: 'soon', schedule: soon })]);
  const [slot] = [(await environment.queues.schedules.next()).get('collect.soon')];
  await eventually('the slot to pass', () => Date.now() > (slot?.getTime() ?? Infinity) + 300);
  workers.start('maintenance', {
    process: ({ task }, { scheduledFor }) => {
      if (task === 'collect-tick') slots.push(scheduledFor);
      return Promise.resolve({});
    },
  });
  await eventually('two ticks', () => slots.length >= 2);
  expect(slots[0]).toEqual(slot);
  expect(slots.every((each) => each?.getMilliseconds() === 0)).toBe(true);
  expect(new Set(slots.map(Number)).size).toBe(slots.length);
});

test.each([
  ['spring', '2026-03-28T23:30:00Z', ['2026-03-29T01:00:00.000Z']],
  ['autumn', '2026-10-24T22:30:00Z', ['2026-10-25T00:00:00.000Z']],
])(
  '02:00 in Paris is one slot on the day the clocks change in %s, and each hour is its own slot',
  (_season, from, expected) => {
    const nights = new Set<string>();
    const hours = new Set<string>();
    const begin = Date.parse(from);
    for (let minute = 0; minute < 5 * 60; minute += 1) {
      const now = new Date(begin + minute * 60_000);
      nights.add(previousTick(nightly.schedule, now).toISOString());
      hours.add(previousTick(hourly.schedule, now).toISOString());
    }
    const since = new Date(begin).toISOString();
    expect([...nights].filter((slot) => slot > since)).toEqual(expected);
    expect([...hours].filter((slot) => slot > since)).toHaveLength(5);
  },
);

test('slots that a clock set back repeats are not collected again', async () => {
  const { database, queues, config } = environment;
  const kinds = [kindOfItems([document('one')])];
  const dependencies = {
    database,
    queues,
    config,
    sources: [hourly],
    kinds,
    openHttp: openCollectorHttpClient,
  };
  workers.start('collect', createCollectProcessor(dependencies));
  const second = previousTick(hourly.schedule, new Date());
  const first = new Date(second.getTime() - 3_600_000);
  const tick = (slot: Date, now: Date) =>
    createCollectTick([hourly], environment, () => now)('hourly', { scheduledFor: slot, worker: 'test' });
  const statuses = async () =>
    (await database.connection.collection('runs').find({}).toArray()).map((run) => String(run['status']));
  for (const [index, slot] of [first, second].entries()) {
    expect(await tick(slot, slot)).toMatchObject({ outcome: 'added' });
    await eventually('its end', statuses, (all) => all.filter((each) => each === 'success').length > index);
  }
  // By the clock it is half an hour after, or before, the first of the two.
  for (const now of [1, -1].map((sign) => new Date(first.getTime() + sign * 1_800_000))) {
    for (const slot of [first, second, first])
      expect(await tick(slot, now)).toMatchObject({ outcome: 'known' });
  }
  await updateSchedules([hourly], new Date(first.getTime() + 1_800_000));
  await eventually('an idle queue', async () => (await queues.queue('collect').getActiveCount()) === 0);
  expect(await queues.jobs.counts('collect')).toMatchObject({ waiting: 0, delayed: 0, completed: 2 });
  expect(await statuses()).toEqual(['success', 'success']);
});
