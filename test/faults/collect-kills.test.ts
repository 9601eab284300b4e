import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { runSource } from '../../src/collectors/engine/run-source.ts';
import type { RunDocument } from '../../src/database/collection-documents.ts';
import { runId } from '../../src/database/run-repository.ts';
import { requestRun } from '../../src/collectors/request-run.ts';
import { collectJobId } from '../../src/queues/job-ids.ts';
import { TransientError } from '../../src/domain/job-errors.ts';
import { openHttpClient } from '../../src/collectors/open-http-client.ts';
import { createCollectProcessor } from '../../src/workers/processors/collect.ts';
import { reconcileRuns } from '../../src/reconcile/runs-pass.ts';
import { NOTES_FILE, type CollectingPlan } from '../support/collecting-worker-plan.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { startScript, type Program } from '../support/program.ts';
import { document, hour, kindOfItems, runOptions, scriptedSource } from '../support/scripted-source.ts';
import { openTestSetting, type TestEnvironment } from '../support/test-environment.ts';

jest.setTimeout(180_000);

const WORKER = new URL('../support/collecting-worker.ts', import.meta.url);
/** The start of a process on a busy machine, two looks at lost jobs, the work itself. */
const RECOVERY_DEADLINE_MS = 60_000;
const SLOT = hour(2);
/** As the items of the test worker come: for each five two new, one changed, one duplicate, one rejected. */
const countsOf = (items: number) => ({
  seen: items,
  new: (items / 5) * 2,
  updated: items / 5,
  duplicate: items / 5,
  rejected: items / 5,
});

let setting: TestEnvironment;
let programs: Program[];
let isOver: boolean;

beforeEach(async () => {
  programs = [];
  isOver = false;
  setting = await openTestSetting({ COLLECT_CONCURRENCY: '2', LOG_LEVEL: 'info' });
});
afterEach(async () => {
  isOver = true;
  for (const program of programs) program.kill('SIGKILL');
  await Promise.all(programs.map((program) => program.ended));
  await setting.close();
});

function work(plan: CollectingPlan): Program {
  const program = startScript(WORKER, [JSON.stringify(plan)], setting);
  programs.push(program);
  return program;
}

async function death(program: Program): Promise<void> {
  const ended = await Promise.race([
    program.ended,
    delay(RECOVERY_DEADLINE_MS, 'nothing within the deadline', { ref: false }),
  ]);
  if (ended !== 'SIGKILL') throw new Error(`It ended with ${String(ended)}:\n${program.stderr()}`);
}

/** The first hour of a source: what the second changes is there already. */
async function firstHour(id: string, items: number): Promise<void> {
  const fives = Array.from({ length: items / 5 }, (_, index) => String(index * 5 + 2));
  const old = fives.map((number) => document(`old ${id} ${number}`, `key ${id} ${number}`));
  const source = scriptedSource({ id });
  const payload = { sourceId: id };
  await runSource({ ...runOptions(setting, kindOfItems(old), { source, payload }) });
}

const ask = (id: string) =>
  requestRun(
    {
      source: scriptedSource({ id }),
      scheduledFor: new Date(SLOT),
      trigger: 'schedule',
      requester: 'test',
    },
    setting,
  );
const find = (id: string) => setting.database.runs.find(runId(id, new Date(SLOT)));
const runsOf = (id: string) =>
  setting.database.connection.collection<RunDocument>('runs').find({ source_id: id }).toArray();
const documentsOf = (id: string) =>
  setting.database.connection.collection('documents').find({ source_id: id }).toArray();
const readings = async () =>
  (await readFile(path.join(setting.directory, NOTES_FILE), 'utf8').catch(() => '')).split('\n');

/** The run has ended and its job is gone. */
async function untilDone(id: string, status: RunDocument['status']): Promise<RunDocument | undefined> {
  const isEnded = (run: RunDocument | undefined) => run?.status === status;
  const run = await eventually(`the end of ${id}`, () => find(id), isEnded, RECOVERY_DEADLINE_MS);
  const presence = () =>
    setting.queues.presence('collect', [collectJobId({ sourceId: id, scheduledFor: SLOT }, 0)]);
  await eventually(`the job of ${id}`, presence, ([job]) => job === 'finished', RECOVERY_DEADLINE_MS);
  return run;
}

/** Nothing lost, nothing twice: the source as one undisturbed run leaves it. */
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
  expect(await setting.database.sources.find(id)).toMatchObject({
    state: { item: items },
    consecutive_failures: 0,
  });
}

describe('a worker process that is killed while it collects', () => {
  const items = 20;
  const sources = [{ id: 'killed', script: { items } }];

  test.each([
    ['while it reads, after a checkpoint', { item: 8 }, 2],
    ['when documents are written that no checkpoint counts', { part: 'documents', method: 'upsertBatch' }, 2],
    ['between the checkpoint and the state', { part: 'runs', method: 'checkpoint' }, 2],
    ['after the state was saved', { part: 'sources', method: 'saveState' }, 2],
    ['when the end was recorded, and the source not told', { part: 'runs', method: 'finish' }, 1],
  ] as const)('%s: another one goes on, nothing is lost or twice', async (_moment, at, attempts) => {
    await firstHour('killed', items);
    expect(await ask('killed')).toMatchObject({ outcome: 'added' });
    const killed = work(
      'item' in at
        ? { sources: [{ id: 'killed', script: { items, deadlyItem: at.item } }] }
        : { sources, death: { ...at, moment: 'after', call: at.method === 'finish' ? 1 : 2 } },
    );
    await death(killed);
    expect((await find('killed'))?.status).toBe(attempts === 1 ? 'success' : 'running');
    work({ sources });
    expect((await untilDone('killed', 'success'))?.attempts).toBe(attempts);
    await expectWhole('killed', items);
  });
});

test('two worker processes on one source: one run at a time, one run for each slot, each item once', async () => {
  const script = { items: 5, isEndless: true, itemMs: 300 };
  const plan: CollectingPlan = {
    queues: ['collect', 'retry', 'maintenance'],
    sources: [{ id: 'busy', pattern: '* * * * * *', script }],
  };
  work(plan);
  work(plan);
  const all = () => runsOf('busy');
  const successes = (runs: readonly RunDocument[]) => runs.filter(({ status }) => status === 'success');
  await eventually('four runs', all, (runs) => successes(runs).length >= 4, RECOVERY_DEADLINE_MS);
  for (const program of programs) program.kill('SIGTERM');
  expect(await Promise.all(programs.map((program) => program.ended))).toEqual([0, 0]);

  const runs = await all();
  const made = runs.filter(({ status }) => status !== 'skipped');
  expect(new Set(runs.map((run) => run.scheduled_for.getTime())).size).toBe(runs.length);
  expect(runs.length).toBeGreaterThan(made.length);
  const notes = (await readings()).filter(Boolean).map((line) => line.split(' '));
  // A beginning follows each end: nowhere two of them.
  notes.forEach(([what, , pid], index) => {
    expect(what).toBe(index % 2 === 0 ? 'begin' : 'end');
    if (what === 'end') expect(pid).toBe(notes[index - 1]?.[2]);
  });
  const inserted = made.map(({ counts }) => counts.new).reduce((sum, each) => sum + each, 0);
  expect(await documentsOf('busy')).toHaveLength(inserted);
});

describe('a source that kills its worker', () => {
  test('is given up after four deaths, with the reason in its run; another one comes to its end', async () => {
    await firstHour('steady', 40);
    const sources = [
      { id: 'poison', script: { items: 10, checkpointEvery: 2, deadlyItem: 4 } },
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
    expect(await setting.database.sources.find('poison')).toMatchObject({ consecutive_failures: 1 });
    await untilDone('steady', 'success');
    await expectWhole('steady', 40);
    expect((await readings()).filter((line) => line.startsWith('begin poison'))).toHaveLength(4);
    expect((await setting.queues.counts('retry')).delayed).toBe(0);
    // Nothing brings it back; its next slot is another run.
    const setup = { ...setting, signal: new AbortController().signal, dryRun: false };
    expect(await reconcileRuns(setup)).toEqual({ examined: 0, resumed: 0 });
    programs.at(-1)?.kill('SIGTERM');
    await supervised;
    const next = { source: scriptedSource({ id: 'poison' }), scheduledFor: new Date(hour(3)) };
    expect(await requestRun({ ...next, trigger: 'schedule', requester: 'test' }, setting)).toMatchObject({
      outcome: 'added',
    });
  });

  test('even before it is begun again: a run that waits for its next attempt is given up too', async () => {
    const { database, queues, config } = setting;
    const source = scriptedSource({ id: 'poison' });
    const scheduledFor = new Date(SLOT);
    await database.runs.begin(
      { sourceId: source.id, kind: 'scripted', scheduledFor, trigger: 'schedule', round: 0, worker: 'dead' },
      { sequence: 1, state: undefined, stateVersion: 0, totals: { source: 0, all: 0 } },
      new Date(),
    );
    const [begun] = await database.runs.running();
    if (begun === undefined) throw new Error('The run was not begun.');
    await database.runs.closeAbandoned(begun, new TransientError('network', 'No route.'), new Date());
    await database.runs.recordNextRetry(begun._id, new Date());
    await queues.addCollect({ sourceId: source.id, scheduledFor: SLOT, trigger: 'schedule', round: 0 });
    // BullMQ's count of lost workers, as four deaths leave it.
    const jobId = collectJobId({ sourceId: source.id, scheduledFor: SLOT }, 0);
    await queues.redis.hset(queues.queue('collect').toKey(jobId), 'stc', '4');
    const workers = new TestWorkers(setting);
    const kinds = [kindOfItems([])];
    const dependencies = { database, queues, config, sources: [source], kinds, openHttp: openHttpClient };
    workers.start('collect', createCollectProcessor(dependencies));
    try {
      await eventually('the failed job', async () => (await queues.counts('collect')).failed === 1);
      const run = await find('poison');
      expect(run).toMatchObject({ status: 'failed', error: { class: 'poison' } });
      expect(run?.next_retry_at ?? null).toBeNull();
    } finally {
      await workers.stop();
    }
  });
});
