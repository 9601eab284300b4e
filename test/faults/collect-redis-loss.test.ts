import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { RunDocument } from '../../src/database/collection-documents.ts';
import { requestRun } from '../../src/collectors/request-run.ts';
import { NOTES_FILE, type CollectingPlan } from '../support/collecting-worker-plan.ts';
import { eventually } from '../support/eventually.ts';
import { startOwnServer, type OwnServer } from '../support/own-server.ts';
import { startScript, type Program } from '../support/program.ts';
import { scriptedSource } from '../support/scripted-source.ts';
import { openTestSetting, type TestEnvironment } from '../support/test-environment.ts';

jest.setTimeout(180_000);

const WORKER = new URL('../support/collecting-worker.ts', import.meta.url);
const DEADLINE_MS = 60_000;
const ITEMS = 40;
/** Once a year: nothing but the catch-up of a worker that starts makes a run. */
const PLAN: CollectingPlan = {
  queues: ['collect', 'retry', 'maintenance'],
  sources: [{ id: 'long', pattern: '0 4 1 1 *', script: { items: ITEMS, itemMs: 150 } }],
};

/** A Redis of this test's own: it is emptied while others use theirs. */
let server: OwnServer;
let redis: Redis;
let setting: TestEnvironment;
let programs: Program[];

beforeAll(async () => {
  server = await startOwnServer('redis');
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.close();
});
beforeEach(async () => {
  programs = [];
  setting = await openTestSetting({
    REDIS_URL: server.url,
    RECONCILE_INTERVAL_SECONDS: '2',
    LOG_LEVEL: 'info',
  });
});
afterEach(async () => {
  for (const program of programs) program.kill('SIGKILL');
  await Promise.all(programs.map((program) => program.ended));
  await setting.close();
});

const work = () => programs.push(startScript(WORKER, [JSON.stringify(PLAN)], setting));
const runs = () => setting.database.connection.collection<RunDocument>('runs').find({}).toArray();
const schedules = async () => [...(await setting.queues.cron.next()).keys()].sort();
const readings = async () => {
  const notes = await readFile(path.join(setting.directory, NOTES_FILE), 'utf8').catch(() => '');
  return notes.split('\n').filter((line) => line.startsWith('begin'));
};

test('FLUSHALL while a run is under way: it ends once and whole, the schedules come back, the next run is made', async () => {
  work();
  work();
  const isUnderWay = ([run]: RunDocument[]) => (run?.counts.seen ?? 0) > 0 && run?.status === 'running';
  await eventually('a checkpoint', runs, isUnderWay, DEADLINE_MS);
  const before = await schedules();
  expect(before).toContain('collect.long');
  await redis.flushall();
  expect(await schedules()).toEqual([]);

  await eventually('the schedules', schedules, (ids) => ids.join() === before.join(), DEADLINE_MS);
  await eventually('the end', runs, ([run]) => run?.status === 'success', DEADLINE_MS);
  // Nobody holds a job any more that could write a second end.
  const idle = async () => {
    const { waiting, active, delayed } = await setting.queues.counts('collect');
    return waiting + active + delayed === 0;
  };
  await eventually('an idle queue', idle, Boolean, DEADLINE_MS);
  const all = await runs();
  expect(all).toHaveLength(1);
  const counts = { seen: ITEMS, new: (ITEMS / 5) * 3, updated: 0, duplicate: ITEMS / 5, rejected: ITEMS / 5 };
  expect(all).toMatchObject([{ trigger: 'catch_up', counts, state_after: { item: ITEMS } }]);
  const documents = setting.database.connection.collection('documents');
  expect(await documents.countDocuments({})).toBe(counts.new);
  expect(await setting.database.sources.find('long')).toMatchObject({
    state: { item: ITEMS },
    consecutive_failures: 0,
  });

  // What Redis kept of the lost job would keep the source from being collected.
  const begun = (await readings()).length;
  const source = scriptedSource({ id: 'long' });
  const wanted = { source, scheduledFor: new Date(), trigger: 'manual', requester: 'test' } as const;
  expect(await requestRun(wanted, setting)).toMatchObject({ outcome: 'added' });
  await eventually('the next run', runs, (found) => found.at(-1)?.status === 'success' && found.length === 2);
  expect(await readings()).toHaveLength(begun + 1);
});
