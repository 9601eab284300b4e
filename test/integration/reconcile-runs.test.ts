import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { runId } from '../../src/database/run-repository.ts';
import { collectJobId } from '../../src/queues/job-ids.ts';
import { TransientError } from '../../src/domain/job-errors.ts';
import { openEgress } from '../../src/egress/egress.ts';
import { PROCESSORS } from '../../src/workers/registry.ts';
import { reconcileRuns } from '../../src/reconcile/runs-pass.ts';
import { WORKER_FACTORIES } from '../../src/workers/worker-factories.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { openReconcileTest } from '../support/reconcile-setting.ts';
import { startProgram } from '../support/program.ts';
import { hour } from '../support/scripted-source.ts';
import { openTestSetting, type TestEnvironment } from '../support/test-environment.ts';

const HOUR_MS = 3_600_000;

let setting: TestEnvironment;

beforeEach(async () => {
  setting = await openTestSetting();
  await openReconcileTest(setting);
  await beginRun('under-way');
  await beginRun('waiting');
  const { runs } = setting.database;
  const waiting = await runs.find(runId('waiting', new Date(hour(1))));
  if (waiting === undefined) throw new Error('The run was not begun.');
  await runs.closeAbandoned(waiting, new TransientError('network', 'No route.'), new Date());
  await runs.recordNextRetry(waiting._id, new Date(Date.now() + HOUR_MS));
});
afterEach(() => setting.close());

/** A run as a worker leaves it that is dead; no job carries it. */
async function beginRun(sourceId: string): Promise<void> {
  const scheduledFor = new Date(hour(1));
  await setting.database.runs.begin(
    { sourceId, kind: 'scripted', scheduledFor, trigger: 'schedule', round: 0, worker: 'dead' },
    { sequence: 1, state: undefined, stateVersion: 0, totals: { source: 0, all: 0 } },
    new Date(),
  );
}

async function reconcileByCommand(...args: string[]): Promise<string> {
  const program = startProgram('reconcile', args, setting);
  const code = await program.ended;
  if (code !== 0) throw new Error(program.stderr());
  return program.stdout();
}

const jobs = async () => {
  const [collect, retry] = [await setting.queues.counts('collect'), await setting.queues.counts('retry')];
  return { collect: collect.waiting, retry: retry.delayed };
};

test('the command brings back runs that no job carries, once, and says so; with --dry-run it only says so', async () => {
  const dry = await reconcileByCommand('--dry-run', '--json');
  expect(JSON.parse(dry)).toMatchObject({ dryRun: true, runs: { examined: 2, resumed: 2 }, problems: [] });
  expect(await jobs()).toEqual({ collect: 0, retry: 0 });
  const text = await reconcileByCommand();
  expect(text).toMatch(/^ +2 +runs of sources under way, or waiting for another try$/m);
  expect(text).toMatch(/^ +2 +of those, without their job, which was added$/m);
  expect(await jobs()).toEqual({ collect: 1, retry: 1 });
  expect(JSON.parse(await reconcileByCommand('--json'))).toMatchObject({ runs: { examined: 2, resumed: 0 } });
  expect(await jobs()).toEqual({ collect: 1, retry: 1 });
});

test('the maintenance task does the same and has the same figures', async () => {
  const { config, database, queues } = setting;
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
    { ...context, reportProgress: () => undefined },
  );
  expect(result).toMatchObject({ 'runs.examined': 2, 'runs.resumed': 2, 'videos.examined': 0, problems: 0 });
  expect(await jobs()).toEqual({ collect: 1, retry: 1 });
});

const reconcile = () => reconcileRuns({ ...setting, signal: new AbortController().signal, dryRun: false });
const jobOf = (sourceId: string, round: number) => ({
  ...{ sourceId, scheduledFor: hour(1), trigger: 'schedule' as const, round },
});

test('a run that came to its end between the looks at MongoDB and Redis is left alone', async () => {
  const { database, queues } = setting;
  const presence = queues.presence.bind(queues);
  jest.spyOn(queues, 'presence').mockImplementationOnce(async (name, jobIds) => {
    const run = await database.runs.find(runId('under-way', new Date(hour(1))));
    if (run !== undefined) await database.runs.giveUp(run, 'It ended.', new Date());
    return await presence(name, jobIds);
  });
  expect(await reconcile()).toEqual({ examined: 2, resumed: 1 });
  expect(await jobs()).toEqual({ collect: 0, retry: 1 });
});

test('a run whose next round waits already is carried by it', async () => {
  await setting.queues.addCollect(jobOf('waiting', 1));
  expect(await reconcile()).toEqual({ examined: 2, resumed: 1 });
  expect(await jobs()).toEqual({ collect: 2, retry: 0 });
});

test('a run whose job has ended and whose wait was lost goes on in the next round', async () => {
  const { queues } = setting;
  const workers = new TestWorkers(setting);
  workers.start('collect', { process: () => Promise.resolve({}) });
  await queues.addCollect(jobOf('waiting', 0));
  await eventually('the end of the job', async () => (await queues.counts('collect')).completed === 1);
  await workers.stop();
  expect(await reconcile()).toEqual({ examined: 2, resumed: 2 });
  const next = collectJobId(jobOf('waiting', 1), 1);
  expect(await queues.presence('collect', [next])).toEqual(['live']);
});
