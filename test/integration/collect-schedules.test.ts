import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { document, kindOfItems, scriptedSource } from '../support/scripted-source.ts';
import { openTestSetting, type TestEnvironment } from '../support/test-environment.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import { openHttpClient } from '../../src/collectors/open-http-client.ts';
import { createCollectTick } from '../../src/workers/processors/collect-tick.ts';
import { createCollectProcessor } from '../../src/workers/processors/collect.ts';
import { nextTick, previousTick } from '../../src/config/cron.ts';
import {
  keepCronSchedules,
  registerSources,
  type ScheduleDependencies,
} from '../../src/workers/cron-schedules.ts';
import type { ConfiguredSource } from '../../src/collectors/configured-source.ts';

let setting: TestEnvironment;
let workers: TestWorkers;

beforeEach(async () => {
  setting = await openTestSetting();
  workers = new TestWorkers(setting);
});
afterEach(async () => {
  await workers.stop();
  await setting.close();
});

const hourly = scriptedSource({ id: 'hourly' });
const nightly = scriptedSource({
  id: 'nightly',
  schedule: { pattern: '0 2 * * *', timeZone: 'Europe/Paris' },
});
const keyless = scriptedSource({ id: 'keyless', missingKey: 'OWM_API_KEY' });

const timetable = (sources: readonly ConfiguredSource[], now = new Date()): ScheduleDependencies => ({
  config: setting.config,
  database: setting.database,
  queues: setting.queues,
  logger: createSilentLogger(),
  sources,
  workerName: 'test',
  now: () => now,
});
const look = (sources: readonly ConfiguredSource[], now?: Date) => keepCronSchedules(timetable(sources, now));
const scheduled = async () => [...(await setting.queues.cron.next()).keys()].sort();
const daily = ['cron.digest', 'cron.snapshot', 'cron.verify-snapshot'];

test('schedules follow the sources file, and come back after a loss of Redis', async () => {
  await registerSources(timetable([hourly, nightly, keyless]));
  await look([hourly, nightly, keyless]);
  expect(await scheduled()).toEqual(['collect.hourly', 'collect.nightly', ...daily]);
  expect((await setting.database.sources.find('keyless'))?.disabled_reason).toBe('missing OWM_API_KEY');
  await look([nightly]);
  expect(await scheduled()).toEqual(['collect.nightly', ...daily]);
  await setting.queues.queue('maintenance').obliterate({ force: true });
  expect(await scheduled()).toEqual([]);
  await look([nightly]);
  expect(await scheduled()).toEqual(['collect.nightly', ...daily]);
});

test('a schedule is written only where it differs; one whose next job is lost, or lies too far ahead, is mended', async () => {
  const { cron } = setting.queues;
  const wanted = [
    { id: 'collect.a', payload: { task: 'collect-tick', sourceId: 'a' }, schedule: hourly.schedule },
  ] as const;
  const now = new Date();
  const keep = () => cron.keep('collect', wanted, now);
  const all = await Promise.all([keep(), keep(), keep()]);
  expect(all.flatMap((changes) => changes?.written ?? [])).toEqual(['collect.a']);
  expect(await keep()).toEqual({ written: [], removed: [] });
  const next = (await cron.next()).get('collect.a');
  expect(next).toEqual(nextTick(hourly.schedule, now));
  await setting.queues.redis.del(
    setting.queues.queue('maintenance').toKey(`repeat:collect.a:${String(next?.getTime())}`),
  );
  expect(await keep()).toEqual({ written: ['collect.a'], removed: [] });
  // By this clock, an hour behind, the next tick lies too far ahead.
  const behind = new Date(now.getTime() - 2 * 3_600_000);
  expect((await cron.keep('collect', wanted, behind))?.written).toEqual(['collect.a']);
});

test('a tick of the schedule carries its slot, however late it is', async () => {
  const slots: (Date | undefined)[] = [];
  const soon = { pattern: '* * * * * *', timeZone: 'Europe/Paris' };
  await look([scriptedSource({ id: 'soon', schedule: soon })]);
  const [slot] = [(await setting.queues.cron.next()).get('collect.soon')];
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
  '02:00 in Paris is one slot on the day the clocks change in %s, and each hour is one of its own',
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

test('a clock that is set back brings slots a second time, which are not collected again', async () => {
  const { database, queues, config } = setting;
  const kinds = [kindOfItems([document('one')])];
  const dependencies = { database, queues, config, sources: [hourly], kinds, openHttp: openHttpClient };
  workers.start('collect', createCollectProcessor(dependencies));
  const second = previousTick(hourly.schedule, new Date());
  const first = new Date(second.getTime() - 3_600_000);
  const tick = (slot: Date, now: Date) =>
    createCollectTick([hourly], setting, () => now)('hourly', { scheduledFor: slot, worker: 'test' });
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
  await look([hourly], new Date(first.getTime() + 1_800_000));
  await eventually('an idle queue', async () => (await queues.queue('collect').getActiveCount()) === 0);
  expect(await queues.counts('collect')).toMatchObject({ waiting: 0, delayed: 0, completed: 2 });
  expect(await statuses()).toEqual(['success', 'success']);
});
