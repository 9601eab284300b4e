import type { RunDocument } from '../../src/database/collections/run.ts';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { CollectorKind } from '../../src/collectors/collector.ts';
import type { ConfiguredSource } from '../../src/collectors/configured-source.ts';
import { runId } from '../../src/database/run-repository.ts';
import { requestRun } from '../../src/collectors/scheduling/request-run.ts';
import { catchUp } from '../../src/collectors/scheduling/scheduled-run.ts';
import { openCollectorHttpClient } from '../../src/collectors/collector-http-client.ts';
import { LaterError, PermanentError, TransientError } from '../../src/domain/job-errors.ts';
import { createCollectTick } from '../../src/workers/processors/collect-tick.ts';
import { createCollectProcessor } from '../../src/workers/processors/collect.ts';
import { createRetryProcessor } from '../../src/workers/processors/retry.ts';
import { reconcileRuns } from '../../src/reconcile/runs-pass.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { document, kindOfItems, scriptedKind, scriptedSource } from '../support/scripted-source.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

const HOUR_MS = 3_600_000;
const source = scriptedSource({ id: 'scripted' });
const items = [document('one'), document('two')];

let environment: TestEnvironment;
let workers: TestWorkers;

beforeEach(async () => {
  environment = await openTestEnvironment({ COLLECT_RETRY_ROUNDS: '2', COLLECT_RETRY_DELAY_SECONDS: '0.2' });
  workers = new TestWorkers(environment);
});
afterEach(async () => {
  await workers.stop();
  await environment.close();
});

function work(kind: CollectorKind, sources: readonly ConfiguredSource[] = [source]): void {
  const { database, queues, config } = environment;
  const dependencies = {
    database,
    queues,
    config,
    sources,
    kinds: [kind],
    openHttp: openCollectorHttpClient,
  };
  workers.start('collect', createCollectProcessor(dependencies));
  workers.start('retry', createRetryProcessor({ database, queues }));
}

const tick = (at: Date, now = at, sources: readonly ConfiguredSource[] = [source]) =>
  createCollectTick(sources, environment, () => now)('scripted', { scheduledFor: at, worker: 'test' });
const runs = () =>
  environment.database.connection
    .collection<RunDocument>('runs')
    .find({})
    .sort({ scheduled_for: 1 })
    .toArray();
const documents = () => environment.database.connection.collection('documents').countDocuments({});
const ask = (scheduledFor = new Date()) =>
  requestRun({ source, scheduledFor, trigger: 'manual', requester: 'test' }, environment);
const ended = (count: number) =>
  eventually(
    `${String(count)} ended runs`,
    runs,
    (found) =>
      found.filter(({ status, next_retry_at }) => status !== 'running' && !next_retry_at).length === count,
  );

/** A collector that continues only when the test releases it. */
function heldKind() {
  const started = Promise.withResolvers<undefined>();
  const held = Promise.withResolvers<undefined>();
  let runsBegun = 0;
  const kind = scriptedKind(async function* () {
    runsBegun += 1;
    started.resolve(undefined);
    await held.promise;
    yield* items;
  });
  return {
    kind,
    started: started.promise,
    release: () => {
      held.resolve(undefined);
    },
    count: () => runsBegun,
  };
}

/** Brings a run to its ten minutes in the retry queue. @returns its collector, which succeeds from then on. */
async function waitForRetry(): Promise<CollectorKind> {
  await environment.close();
  environment = await openTestEnvironment({ COLLECT_RETRY_ROUNDS: '2', COLLECT_RETRY_DELAY_SECONDS: '600' });
  workers = new TestWorkers(environment);
  let attempts = 0;
  const kind = scriptedKind(async function* () {
    attempts += 1;
    yield await Promise.resolve(document('one'));
    if (attempts <= 3) throw new TransientError('network', 'No route.');
  });
  work(kind);
  await ask();
  await eventually(
    'the wait',
    () => environment.queues.jobs.counts('retry'),
    ({ delayed }) => delayed === 1,
  );
  return kind;
}

test('a slot during a run is recorded as skipped, a repeated slot is recognised, and two workers run a slot once', async () => {
  const held = heldKind();
  work(held.kind);
  work(held.kind);
  const first = new Date();
  expect(await tick(first)).toMatchObject({ outcome: 'added' });
  await held.started;
  const second = new Date(Date.now() + HOUR_MS);
  expect(await tick(second)).toMatchObject({ outcome: 'overlap' });
  expect(await tick(second)).toMatchObject({ outcome: 'known' });
  expect(await tick(first, second)).toMatchObject({ outcome: 'known' });
  held.release();
  expect(await ended(2)).toMatchObject([
    { status: 'success', trigger: 'schedule', counts: { seen: 2, new: 2 } },
    { status: 'skipped', note: `The run of ${first.toISOString()} had not ended.` },
  ]);
  expect(await tick(first, second)).toMatchObject({ outcome: 'known' });
  expect(held.count()).toBe(1);
});

test('one catch-up run replaces any number of missed slots, and the late job of the schedule adds none', async () => {
  work(kindOfItems(items));
  const now = new Date();
  expect(await catchUp([source], 'one', now, environment)).toEqual(['scripted']);
  // A second worker that checks at the same time.
  await catchUp([source], 'two', now, environment);
  const [run] = await ended(1);
  expect(run).toMatchObject({ trigger: 'catch_up', status: 'success' });
  expect(await tick(new Date(now.getTime() - 3 * HOUR_MS), now)).toEqual(
    expect.objectContaining({ outcome: 'superseded' }),
  );
  expect(await catchUp([source], 'one', new Date(), environment)).toEqual([]);
  expect(await runs()).toHaveLength(1);
  // With a clock that was set back by a day no missed slot is found after that run, and none before is collected twice.
  const later = new Date(now.getTime() + 24 * HOUR_MS);
  expect(await catchUp([source], 'one', later, environment)).toEqual(['scripted']);
  await ended(2);
  expect(await catchUp([source], 'one', later, environment)).toEqual([]);
});

test('a run makes three attempts, then rounds through the retry queue, in one record; then it fails', async () => {
  let attempts = 0;
  work(
    scriptedKind(async function* () {
      attempts += 1;
      yield await Promise.resolve(document(`found by attempt ${String(attempts)}`));
      throw new TransientError('server_error', 'It answered 500.');
    }),
  );
  await ask();
  const [run] = await eventually(
    'the end',
    runs,
    ([only]) => only?.status === 'failed' && only.attempts === 9,
  );
  expect(run).toMatchObject({ round: 2, error: { class: 'server_error' } });
  expect(await runs()).toHaveLength(1);
  await eventually('the record of the end', runs, ([only]) => !only?.next_retry_at);
  expect(attempts).toBe(9);
  expect(await documents()).toBe(9);
});

test('a permanent failure ends the run at once', async () => {
  let attempts = 0;
  work(
    scriptedKind(async function* () {
      attempts += 1;
      yield await Promise.resolve(document('one'));
      throw new PermanentError('source_refused', 'The key is wrong.');
    }),
  );
  await ask();
  await ended(1);
  await eventually(
    'the end of the job',
    () => environment.queues.jobs.counts('collect'),
    ({ failed }) => failed === 1,
  );
  expect(attempts).toBe(1);
});

test('a Retry-After of the source costs neither attempt nor round, and no other run overlaps it', async () => {
  let attempts = 0;
  work(
    scriptedKind(async function* () {
      attempts += 1;
      if (attempts <= 4) {
        const availableAt = new Date(Date.now() + 10);
        throw new LaterError('source_limited', 'Too many requests.', { availableAt });
      }
      yield await Promise.resolve(document('one'));
    }),
  );
  await ask();
  await eventually('a pause', runs, ([run]) => Boolean(run?.next_retry_at));
  expect(await tick(new Date(Date.now() + HOUR_MS))).toMatchObject({ outcome: 'overlap' });
  const [run] = await eventually('a success', runs, ([first]) => first?.status === 'success');
  expect(run).toMatchObject({ round: 0, attempts: 5 });
});

test('a run requested by hand while one waits for its retry starts that retry at once', async () => {
  await waitForRetry();
  expect(await tick(new Date(Date.now() + HOUR_MS))).toMatchObject({ outcome: 'overlap' });
  expect(await ask()).toMatchObject({ outcome: 'overlap' });
  const [run] = await ended(2);
  expect(run).toMatchObject({ status: 'success', round: 1, attempts: 4 });
});

test('a disabled or unknown source gives a skipped run with its reason', async () => {
  const keyless = scriptedSource({ id: 'keyless', missingKey: 'OWM_API_KEY' });
  work(kindOfItems(items), [keyless]);
  const at = new Date().toISOString();
  for (const sourceId of ['keyless', 'gone']) {
    await environment.queues.add('collect', { sourceId, scheduledFor: at, trigger: 'schedule', round: 0 });
  }
  const found = await ended(2);
  expect(found.map(({ status }) => status)).toEqual(['skipped', 'skipped']);
  const note = (id: string) => found.find(({ _id }) => _id === runId(id, new Date(at)))?.note;
  expect(note('keyless')).toBe('disabled: missing OWM_API_KEY');
  expect(note('gone')).toContain('not in the sources file');
});

test('a run that waits for its retry is resumed once after Redis lost its jobs', async () => {
  const kind = await waitForRetry();
  await workers.stop();
  for (const name of ['collect', 'retry'] as const)
    await environment.queues.queue(name).obliterate({ force: true });
  const reconciled = { ...environment, signal: new AbortController().signal, dryRun: false };
  expect(await reconcileRuns(reconciled)).toEqual({ examined: 1, resumed: 1 });
  expect(await reconcileRuns(reconciled)).toEqual({ examined: 1, resumed: 0 });
  work(kind);
  expect(await ask()).toMatchObject({ outcome: 'overlap' });
  const [run] = await ended(1);
  expect(run?.status).toBe('success');
  expect(await documents()).toBe(1);
});
