import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { runId } from '../../src/database/run-repository.ts';
import { collectJobId } from '../../src/queues/job-ids.ts';
import { TransientError } from '../../src/domain/job-errors.ts';
import { openEgress } from '../../src/egress/egress.ts';
import { PROCESSORS } from '../../src/workers/registry.ts';
import { reconcileRuns } from '../../src/reconcile/runs-pass.ts';
import { WORKER_FACTORIES } from '../support/worker-factories.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { openReconcileEnvironment, type ReconcileEnvironment } from '../support/reconcile-environment.ts';
import { startProgram } from '../support/program.ts';
import { hour } from '../support/scripted-source.ts';

const HOUR_MS = 3_600_000;

let environment: ReconcileEnvironment;

beforeEach(async () => {
  environment = await openReconcileEnvironment();
  await beginRun('under-way');
  await beginRun('waiting');
  const { runs } = environment.database;
  const waiting = await runs.findById(runId('waiting', new Date(hour(1))));
  if (waiting === undefined) throw new Error('The run was not started.');
  await runs.closeAbandoned(waiting, new TransientError('network', 'No route.'), new Date());
  await runs.recordNextRetry(waiting._id, new Date(Date.now() + HOUR_MS));
});
afterEach(() => environment.close());

/** A run that a killed worker left; it has no job. */
async function beginRun(sourceId: string): Promise<void> {
  const scheduledFor = new Date(hour(1));
  await environment.database.runs.begin(
    { sourceId, kind: 'scripted', scheduledFor, trigger: 'schedule', round: 0, worker: 'dead' },
    { sequence: 1, state: undefined, stateVersion: 0, totals: { source: 0, all: 0 } },
    new Date(),
  );
}

async function reconcileByCommand(...args: string[]): Promise<string> {
  const program = startProgram('reconcile', args, environment);
  const code = await program.ended;
  if (code !== 0) throw new Error(program.stderr());
  return program.stdout();
}

const jobs = async () => {
  const [collect, retry] = [
    await environment.queues.jobs.counts('collect'),
    await environment.queues.jobs.counts('retry'),
  ];
  return { collect: collect.waiting, retry: retry.delayed };
};

test('the command adds missing jobs of runs once and reports them; with --dry-run it only reports them', async () => {
  const dry = await reconcileByCommand('--dry-run', '--json');
  expect(JSON.parse(dry)).toMatchObject({ dryRun: true, runs: { examined: 2, resumed: 2 }, problems: [] });
  expect(await jobs()).toEqual({ collect: 0, retry: 0 });
  const text = await reconcileByCommand();
  expect(text).toMatch(/^ +2 +runs of sources in progress, or waiting for a retry$/m);
  expect(text).toMatch(/^ +2 +of those, without a job, which was added$/m);
  expect(await jobs()).toEqual({ collect: 1, retry: 1 });
  expect(JSON.parse(await reconcileByCommand('--json'))).toMatchObject({ runs: { examined: 2, resumed: 0 } });
  expect(await jobs()).toEqual({ collect: 1, retry: 1 });
});

test('the maintenance task does the same and returns the same counts', async () => {
  const { config, database, queues } = environment;
  const logger = createSilentLogger();
  const stop = new AbortController().signal;
  const maintenance = await PROCESSORS.maintenance({
    ...{ config, database, queues, logger, stop, factories: WORKER_FACTORIES, sources: undefined },
    egress: openEgress(config, queues, logger),
    ready: (_what, open) => open(),
  });
  const context = { signal: stop, attempt: 1, isLastAttempt: true, worker: 'test', logger };
  const result = await maintenance.process(
    { task: 'reconcile' },
    { ...context, reportProgress: () => undefined, attribute: (error) => Promise.resolve(error) },
  );
  expect(result).toMatchObject({ 'runs.examined': 2, 'runs.resumed': 2, 'videos.examined': 0, problems: 0 });
  expect(await jobs()).toEqual({ collect: 1, retry: 1 });
});

const reconcile = () =>
  reconcileRuns({ ...environment, signal: new AbortController().signal, dryRun: false });
const jobOf = (sourceId: string, round: number) => ({
  ...{ sourceId, scheduledFor: hour(1), trigger: 'schedule' as const, round },
});

test('a run that ended between the checks of MongoDB and Redis is ignored', async () => {
  const { database, queues } = environment;
  const presence = queues.jobs.presence.bind(queues.jobs);
  jest.spyOn(queues.jobs, 'presence').mockImplementationOnce(async (name, jobIds) => {
    const run = await database.runs.findById(runId('under-way', new Date(hour(1))));
    if (run !== undefined) await database.runs.giveUp(run, 'It ended.', new Date());
    return await presence(name, jobIds);
  });
  expect(await reconcile()).toEqual({ examined: 2, resumed: 1 });
  expect(await jobs()).toEqual({ collect: 0, retry: 1 });
});

test('a run whose next round waits already gets no other job', async () => {
  await environment.queues.add('collect', jobOf('waiting', 1));
  expect(await reconcile()).toEqual({ examined: 2, resumed: 1 });
  expect(await jobs()).toEqual({ collect: 2, retry: 0 });
});

test('a run whose job has ended and whose retry job was lost continues in the next round', async () => {
  const { queues } = environment;
  const workers = new TestWorkers(environment);
  workers.start('collect', { process: () => Promise.resolve({}) });
  await queues.add('collect', jobOf('waiting', 0));
  await eventually('the end of the job', async () => (await queues.jobs.counts('collect')).completed === 1);
  await workers.stop();
  expect(await reconcile()).toEqual({ examined: 2, resumed: 2 });
  const next = collectJobId(jobOf('waiting', 1), 1);
  expect(await queues.jobs.presence('collect', [next])).toEqual(['live']);
});
