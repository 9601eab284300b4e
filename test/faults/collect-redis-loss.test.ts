import type { RunDocument } from '../../src/database/collections/run.ts';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { requestRun } from '../../src/collectors/scheduling/request-run.ts';
import { eventually } from '../support/eventually.ts';
import { startOwnServer, type OwnServer } from '../support/own-server.ts';
import { Programs } from '../support/program.ts';
import { scriptedSource } from '../support/scripted-source.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { RUN_NOTES_FILE, type TestWorkerPlan } from '../support/test-worker-plan.ts';
import { startTestWorker } from '../support/test-worker-process.ts';

const DEADLINE_MS = 60_000;
const ITEMS = 40;
/** Once a year: only the catch-up at the start of a worker makes a run. */
const PLAN: TestWorkerPlan = {
  queues: ['collect', 'retry', 'maintenance'],
  sources: [{ id: 'long', pattern: '0 4 1 1 *', script: { items: ITEMS, itemMs: 150 } }],
};

/** A separate Redis, as this test empties it. */
let server: OwnServer;
let redis: Redis;
let environment: TestEnvironment;
let programs: Programs;

beforeAll(async () => {
  server = await startOwnServer('redis');
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.close();
});
beforeEach(async () => {
  programs = new Programs();
  environment = await openTestEnvironment({
    REDIS_URL: server.url,
    RECONCILE_INTERVAL_SECONDS: '2',
    LOG_LEVEL: 'info',
  });
});
afterEach(async () => {
  await programs.end();
  await environment.close();
});

const work = () => startTestWorker(programs, PLAN, environment);
const runs = () => environment.database.connection.collection<RunDocument>('runs').find({}).toArray();
const schedules = async () => [...(await environment.queues.schedules.next()).keys()].sort();
const runStarts = async () => {
  const notes = await readFile(path.join(environment.directory, RUN_NOTES_FILE), 'utf8').catch(() => '');
  return notes.split('\n').filter((line) => line.startsWith('start'));
};

test('FLUSHALL during a run: it finishes once with all items, the schedules are restored, the next run is made', async () => {
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
  // No job is left that could finish the run again.
  const idle = async () => {
    const { waiting, active, delayed } = await environment.queues.jobs.counts('collect');
    return waiting + active + delayed === 0;
  };
  await eventually('an idle queue', idle, Boolean, DEADLINE_MS);
  const all = await runs();
  expect(all).toHaveLength(1);
  const counts = { seen: ITEMS, new: (ITEMS / 5) * 3, updated: 0, duplicate: ITEMS / 5, rejected: ITEMS / 5 };
  expect(all).toMatchObject([{ trigger: 'catch_up', counts, state_after: { item: ITEMS } }]);
  const documents = environment.database.connection.collection('documents');
  expect(await documents.countDocuments({})).toBe(counts.new);
  expect(await environment.database.sources.findById('long')).toMatchObject({
    state: { item: ITEMS },
    consecutive_failures: 0,
  });

  // Leftover keys of the lost job would prevent the next run of the source.
  const startsBefore = (await runStarts()).length;
  const source = scriptedSource({ id: 'long' });
  const wanted = { source, scheduledFor: new Date(), trigger: 'manual', requester: 'test' } as const;
  expect(await requestRun(wanted, environment)).toMatchObject({ outcome: 'added' });
  await eventually('the next run', runs, (found) => found.at(-1)?.status === 'success' && found.length === 2);
  expect(await runStarts()).toHaveLength(startsBefore + 1);
});
