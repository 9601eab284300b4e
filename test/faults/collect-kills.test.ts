import type { RunDocument } from '../../src/database/collections/run.ts';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runSource } from '../../src/collectors/engine/run-source.ts';
import { runId } from '../../src/database/run-repository.ts';
import { requestRun } from '../../src/collectors/scheduling/request-run.ts';
import { collectJobId } from '../../src/queues/job-ids.ts';
import { TransientError } from '../../src/domain/job-errors.ts';
import { openCollectorHttpClient } from '../../src/collectors/collector-http-client.ts';
import { createCollectProcessor } from '../../src/workers/processors/collect.ts';
import { reconcileRuns } from '../../src/reconcile/runs-pass.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { Programs, type Program } from '../support/program.ts';
import { document, hour, kindOfItems, runOptions, scriptedSource } from '../support/scripted-source.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { RUN_NOTES_FILE, type TestWorkerPlan } from '../support/test-worker-plan.ts';
import { startTestWorker, waitForKill } from '../support/test-worker-process.ts';

/** The start of a process on a busy machine, two checks for lost jobs, the work itself. */
const RECOVERY_DEADLINE_MS = 60_000;
const SLOT = hour(2);
/** The items of the test worker: of each five two are new, one changed, one duplicate, one rejected. */
const countsOf = (items: number) => ({
  seen: items,
  new: (items / 5) * 2,
  updated: items / 5,
  duplicate: items / 5,
  rejected: items / 5,
});

let environment: TestEnvironment;
let programs: Programs;
let isOver: boolean;

beforeEach(async () => {
  programs = new Programs();
  isOver = false;
  environment = await openTestEnvironment({ COLLECT_CONCURRENCY: '2', LOG_LEVEL: 'info' });
});
afterEach(async () => {
  isOver = true;
  await programs.end();
  await environment.close();
});

const work = (plan: Partial<TestWorkerPlan>): Program =>
  startTestWorker(programs, { queues: ['collect', 'retry'], ...plan }, environment);

/** Runs the first hour of a source, with the documents that the second hour changes. */
async function firstHour(id: string, items: number): Promise<void> {
  const fives = Array.from({ length: items / 5 }, (_, index) => String(index * 5 + 2));
  const old = fives.map((number) => document(`old ${id} ${number}`, `key ${id} ${number}`));
  const source = scriptedSource({ id });
  const payload = { sourceId: id };
  await runSource({ ...runOptions(environment, kindOfItems(old), { source, payload }) });
}

const ask = (id: string) =>
  requestRun(
    {
      source: scriptedSource({ id }),
      scheduledFor: new Date(SLOT),
      trigger: 'schedule',
      requester: 'test',
    },
    environment,
  );
const find = (id: string) => environment.database.runs.findById(runId(id, new Date(SLOT)));
const runsOf = (id: string) =>
  environment.database.connection.collection<RunDocument>('runs').find({ source_id: id }).toArray();
const documentsOf = (id: string) =>
  environment.database.connection.collection('documents').find({ source_id: id }).toArray();
const runNotes = async () =>
  (await readFile(path.join(environment.directory, RUN_NOTES_FILE), 'utf8').catch(() => '')).split('\n');

/** Waits until the run has ended and its job is finished. */
async function untilDone(id: string, status: RunDocument['status']): Promise<RunDocument | undefined> {
  const isEnded = (run: RunDocument | undefined) => run?.status === status;
  const run = await eventually(`the end of ${id}`, () => find(id), isEnded, RECOVERY_DEADLINE_MS);
  const presence = () =>
    environment.queues.jobs.presence('collect', [collectJobId({ sourceId: id, scheduledFor: SLOT }, 0)]);
  await eventually(`the job of ${id}`, presence, ([job]) => job === 'finished', RECOVERY_DEADLINE_MS);
  return run;
}

/** Checks that the source is as after one undisturbed run: nothing lost, nothing duplicated. */
async function expectWhole(id: string, items: number): Promise<void> {
  const counts = countsOf(items);
  expect(await runsOf(id)).toMatchObject([
    { scheduled_for: new Date(hour(1)) },
    { scheduled_for: new Date(SLOT), status: 'success', counts, state_after: { item: items } },
  ]);
  expect(counts.seen).toBe(counts.new + counts.updated + counts.duplicate + counts.rejected);
  const own = (await documentsOf(id)).filter(({ run_id: run }) => run === runId(id, new Date(SLOT)));
  expect(own).toHaveLength(counts.new + counts.updated);
  expect(new Set(own.map(({ title }) => String(title))).size).toBe(own.length);
  expect(await environment.database.sources.findById(id)).toMatchObject({
    state: { item: items },
    consecutive_failures: 0,
  });
}

describe('a worker process that is killed during a run', () => {
  const items = 20;
  const sources = [{ id: 'killed', script: { items } }];

  test.each([
    ['while it reads, after a checkpoint', { item: 8 }, 2],
    ['when documents are stored that no checkpoint counts', { part: 'documents', method: 'upsertBatch' }, 2],
    ['between the checkpoint and the state', { part: 'runs', method: 'checkpoint' }, 2],
    ['after the state was saved', { part: 'sources', method: 'saveState' }, 2],
    ['when the end is recorded, before the source is updated', { part: 'runs', method: 'finish' }, 1],
  ] as const)('%s: another one continues, nothing is lost or duplicated', async (_moment, at, attempts) => {
    await firstHour('killed', items);
    expect(await ask('killed')).toMatchObject({ outcome: 'added' });
    const killed = work(
      'item' in at
        ? { sources: [{ id: 'killed', script: { items, killAtItem: at.item } }] }
        : { sources, kill: { ...at, moment: 'after', call: at.method === 'finish' ? 1 : 2 } },
    );
    await waitForKill(killed);
    expect((await find('killed'))?.status).toBe(attempts === 1 ? 'success' : 'running');
    work({ sources });
    expect((await untilDone('killed', 'success'))?.attempts).toBe(attempts);
    await expectWhole('killed', items);
  });
});

test('two worker processes make one run of a source at a time, one run for each slot, and count each item once', async () => {
  const script = { items: 5, isEndless: true, itemMs: 300 };
  const plan: TestWorkerPlan = {
    queues: ['collect', 'retry', 'maintenance'],
    sources: [{ id: 'busy', pattern: '* * * * * *', script }],
  };
  work(plan);
  work(plan);
  const all = () => runsOf('busy');
  const successes = (runs: readonly RunDocument[]) => runs.filter(({ status }) => status === 'success');
  await eventually('four runs', all, (runs) => successes(runs).length >= 4, RECOVERY_DEADLINE_MS);
  expect(await programs.end('SIGTERM')).toEqual([0, 0]);

  const runs = await all();
  const made = runs.filter(({ status }) => status !== 'skipped');
  expect(new Set(runs.map((run) => run.scheduled_for.getTime())).size).toBe(runs.length);
  expect(runs.length).toBeGreaterThan(made.length);
  const notes = (await runNotes()).filter(Boolean).map((line) => line.split(' '));
  // Starts and ends alternate.
  notes.forEach(([event, , pid], index) => {
    expect(event).toBe(index % 2 === 0 ? 'start' : 'end');
    if (event === 'end') expect(pid).toBe(notes[index - 1]?.[2]);
  });
  const inserted = made.map(({ counts }) => counts.new).reduce((sum, each) => sum + each, 0);
  expect(await documentsOf('busy')).toHaveLength(inserted);
});

describe('a source that kills its worker', () => {
  test('fails after four lost workers, with the reason in its run; another source finishes', async () => {
    await firstHour('steady', 40);
    const sources = [
      { id: 'poison', script: { items: 10, checkpointEvery: 2, killAtItem: 4 } },
      { id: 'steady', script: { items: 40, itemMs: 100 } },
    ];
    await ask('poison');
    await ask('steady');
    const supervise = async () => {
      while ((await work({ sources }).ended) === 'SIGKILL' && !isOver);
    };
    const supervised = supervise();
    const run = await untilDone('poison', 'failed');
    expect(run).toMatchObject({
      attempts: 4,
      counts: { seen: 2 },
      error: { class: 'poison', message: expect.stringContaining('The worker died 4 times') },
    });
    expect(run?.next_retry_at ?? null).toBeNull();
    expect(await environment.database.sources.findById('poison')).toMatchObject({ consecutive_failures: 1 });
    await untilDone('steady', 'success');
    await expectWhole('steady', 40);
    expect((await runNotes()).filter((line) => line.startsWith('start poison'))).toHaveLength(4);
    expect((await environment.queues.jobs.counts('retry')).delayed).toBe(0);
    // It is not resumed; its next slot is another run.
    const setup = { ...environment, signal: new AbortController().signal, dryRun: false };
    expect(await reconcileRuns(setup)).toEqual({ examined: 0, resumed: 0 });
    await programs.end('SIGTERM');
    await supervised;
    const next = { source: scriptedSource({ id: 'poison' }), scheduledFor: new Date(hour(3)) };
    expect(await requestRun({ ...next, trigger: 'schedule', requester: 'test' }, environment)).toMatchObject({
      outcome: 'added',
    });
  });

  test('fails also while its run waits for the next attempt', async () => {
    const { database, queues, config } = environment;
    const source = scriptedSource({ id: 'poison' });
    const scheduledFor = new Date(SLOT);
    await database.runs.begin(
      { sourceId: source.id, kind: 'scripted', scheduledFor, trigger: 'schedule', round: 0, worker: 'dead' },
      { sequence: 1, state: undefined, stateVersion: 0, totals: { source: 0, all: 0 } },
      new Date(),
    );
    const [started] = await database.runOverview.running();
    if (started === undefined) throw new Error('The run was not started.');
    await database.runs.closeAbandoned(started, new TransientError('network', 'No route.'), new Date());
    await database.runs.recordNextRetry(started._id, new Date());
    await queues.add('collect', { sourceId: source.id, scheduledFor: SLOT, trigger: 'schedule', round: 0 });
    // BullMQ's count of lost workers, as after four of them.
    const jobId = collectJobId({ sourceId: source.id, scheduledFor: SLOT }, 0);
    await queues.redis.hset(queues.queue('collect').toKey(jobId), 'stc', '4');
    const workers = new TestWorkers(environment);
    const kinds = [kindOfItems([])];
    const dependencies = {
      database,
      queues,
      config,
      sources: [source],
      kinds,
      openHttp: openCollectorHttpClient,
    };
    workers.start('collect', createCollectProcessor(dependencies));
    try {
      await eventually('the failed job', async () => (await queues.jobs.counts('collect')).failed === 1);
      const run = await find('poison');
      expect(run).toMatchObject({ status: 'failed', error: { class: 'poison' } });
      expect(run?.next_retry_at ?? null).toBeNull();
    } finally {
      await workers.stop();
    }
  });
});
