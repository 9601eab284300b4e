import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { CollectedItem } from '../../src/collectors/collector.ts';
import { runSource } from '../../src/collectors/engine/run-source.ts';
import { runId } from '../../src/database/run-repository.ts';
import { InterruptedError, TransientError } from '../../src/domain/job-errors.ts';
import { SimulatedProcess, type LastCall } from '../support/kill-points.ts';
import {
  checkpoint,
  document,
  hour,
  kindOfItems,
  runOptions,
  scriptedKind,
} from '../support/scripted-source.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

const SOURCE = 'scripted-source';
const MEDIA: CollectedItem = {
  type: 'media',
  videoId: createHash('sha256').update('feed\nguid').digest('hex'),
  url: 'https://example.org/a.mp3',
};

describe('attempts that crash, and attempts that run at the same time', () => {
  let environment: TestEnvironment;

  beforeAll(async () => {
    environment = await openTestEnvironment();
  });
  afterAll(() => environment.close());
  beforeEach(clear);

  async function clear() {
    const { models } = environment.database.connection;
    for (const name of ['Source', 'Run', 'Document', 'Video']) await models[name]?.deleteMany({});
    await environment.queues.queue('download').obliterate({ force: true });
  }

  async function state() {
    const [run, source] = [await runOfHour(2), await environment.database.sources.findById(SOURCE)];
    const documents = await environment.database.connection
      .collection('documents')
      .find({}, { projection: { title: 1, revision: 1, run_id: 1, _id: 0 } })
      .sort({ _id: 1 })
      .toArray();
    const { counts, status, parts, reject_reasons, rejects, totals, state_after } = run ?? {};
    return {
      run: {
        counts: { ...counts, media: 0 },
        ...{ status, parts, reject_reasons, rejects, totals, state_after },
      },
      source: {
        state: source?.state,
        state_version: source?.state_version,
        failures: source?.consecutive_failures,
      },
      documents,
      jobs: (await environment.queues.jobs.counts('download')).waiting,
    };
  }

  const runOfHour = (number: number) =>
    environment.database.runs.findById(runId(SOURCE, new Date(hour(number))));
  const second = { payload: { scheduledFor: hour(2) } };

  /** A source with two slots; the state says which were read, as in real collectors. */
  const script = scriptedKind(async function* ({ state: from }) {
    await Promise.resolve();
    if (from !== 'slot 1' && from !== 'slot 2') {
      yield document('a, changed', 'a');
      yield document('b', 'b');
      yield document('new 1');
      yield document('new 1');
      yield { type: 'rejected', reason: 'no_title', detail: 'slot 1' };
      yield MEDIA;
      yield { type: 'part', name: 'slot 1', status: 'success', items: 5 };
      yield checkpoint('slot 1');
    }
    if (from !== 'slot 2') {
      yield document('new 1');
      yield document('new 2');
      yield document('b, changed', 'b');
      yield { type: 'rejected', reason: 'no_title', detail: 'slot 2' };
      yield { type: 'part', name: 'slot 2', status: 'success', items: 4 };
      yield checkpoint('slot 2');
    }
    yield document('new 3');
  });

  /** One attempt in a process that may be killed, after the run of the first hour. */
  async function attempt(last?: LastCall): Promise<SimulatedProcess> {
    const process = new SimulatedProcess(last);
    const options = runOptions(environment, script, second);
    const { sources, runs, documents, videos } = options.database;
    const database = {
      sources: process.part('sources', sources),
      runs: process.part('runs', runs),
      documents: process.part('documents', documents),
      videos: process.part('videos', videos),
    };
    const { addDownloads } = process.part('backlog', { addDownloads: options.addDownloads });
    await runSource({ ...options, database, addDownloads }).catch((error: unknown) => {
      if (!process.isDead) throw error;
    });
    return process;
  }

  async function firstHour() {
    await clear();
    await runSource(runOptions(environment, kindOfItems([document('a', 'a'), document('old')])));
  }

  test('a run that is killed between any two of its calls ends like an undisturbed one', async () => {
    await firstHour();
    const { calls } = await attempt();
    const expected = await state();
    expect(expected.run).toMatchObject({
      counts: { seen: 10, new: 4, updated: 2, duplicate: 2, rejected: 2 },
      status: 'success',
    });
    expect(calls.length).toBeGreaterThan(20);

    // A kill before a call equals a kill after the previous call.
    for (const [index, name] of ['nothing', ...calls].entries()) {
      await firstHour();
      const dead = await attempt(
        index === 0 ? { call: 1, moment: 'before' } : { call: index, moment: 'after' },
      );
      expect(dead.isDead).toBe(true);
      await attempt();
      expect({ killedAfter: name, ...(await state()) }).toEqual({ killedAfter: name, ...expected });
    }
  });

  test('a run that is killed in several attempts counts each item once', async () => {
    await firstHour();
    await attempt();
    const expected = await state();
    await firstHour();
    // After documents were written, after the run was counted, and so on.
    const deaths = [8, 7, 7, 8, 10, 7, 7, 9];
    for (const call of deaths) expect((await attempt({ call, moment: 'after' })).isDead).toBe(true);
    await attempt();
    expect(await state()).toEqual(expected);
    expect((await runOfHour(2))?.attempts).toBe(deaths.length + 1);
  });

  test('a failed attempt records its counts, and the next continues from the last checkpoint', async () => {
    let isBroken = true;
    const kind = scriptedKind(async function* ({ state: from }) {
      if (from === undefined) {
        yield document('a');
        yield checkpoint(1);
      }
      yield document('b');
      yield { type: 'rejected', reason: 'no_title' };
      await Promise.resolve();
      if (isBroken) throw new TransientError('network', 'Gone.');
      yield document('c');
    });
    await expect(runSource(runOptions(environment, kind))).rejects.toThrow('Gone.');
    expect(await runOfHour(1)).toMatchObject({
      status: 'failed',
      counts: { seen: 3, new: 2, rejected: 1 },
      error: { class: 'network', message: 'Gone.' },
      totals: { before: { source: 0 }, after: { source: 2 } },
    });
    await expect(runSource(runOptions(environment, kind))).rejects.toThrow('Gone.');
    isBroken = false;
    const result = await runSource(runOptions(environment, kind, { payload: { round: 1 } }));
    expect(result).toMatchObject({
      status: 'success',
      round: 1,
      attempts: 3,
      counts: { seen: 4, new: 3, duplicate: 0, rejected: 1 },
    });
    expect(result.error ?? result.resume_from).toBeUndefined();
    const source = await environment.database.sources.findById(SOURCE);
    expect(source).toMatchObject({ consecutive_failures: 0, runs_begun: 1 });
  });

  test('documents of a crashed attempt count although the source no longer has them', async () => {
    const first = scriptedKind(async function* () {
      yield document('gone', 'gone');
      yield document('gone, changed', 'gone');
      await Promise.reject(new TransientError('network', 'Gone.'));
    });
    await expect(runSource(runOptions(environment, first))).rejects.toThrow('Gone.');
    const result = await runSource(runOptions(environment, kindOfItems([document('here')])));
    expect(result.counts).toMatchObject({ seen: 3, new: 2, updated: 1 });
    expect(result.totals?.after).toEqual({ source: 3, all: 3 });
  });

  test('an attempt that lost its run changes no record, and its documents count once', async () => {
    const gate = Promise.withResolvers<undefined>();
    const reached = Promise.withResolvers<undefined>();
    const slow = scriptedKind(async function* () {
      yield document('slow 1');
      yield checkpoint('slow 1');
      yield document('slow 2');
      reached.resolve(undefined);
      await gate.promise;
      yield checkpoint('slow 2');
    });
    const overtaken = runSource(runOptions(environment, slow, { worker: 'slow' }));
    await reached.promise;

    const quick = scriptedKind(async function* ({ state: from }) {
      expect(from).toBe('slow 1');
      yield document('quick');
      yield checkpoint('quick 1');
      gate.resolve(undefined);
      // Its document is written with a step that is lost, after this attempt started.
      await expect(overtaken).rejects.toBeInstanceOf(InterruptedError);
      yield document('slow 2');
      yield document('slow 2');
      yield checkpoint('quick 2');
    });
    const result = await runSource(runOptions(environment, quick, { worker: 'quick' }));
    expect(result).toMatchObject({
      worker: 'quick',
      attempts: 2,
      status: 'success',
      state_after: 'quick 2',
      counts: { seen: 4, new: 3, duplicate: 1 },
    });
    expect(await environment.database.sources.findById(SOURCE)).toMatchObject({
      state: 'quick 2',
      state_version: 3,
    });
  });

  test('an attempt that lost its run cannot finish it', async () => {
    const gate = Promise.withResolvers<undefined>();
    const reached = Promise.withResolvers<undefined>();
    const slow = (end: () => Promise<void>) =>
      scriptedKind(async function* () {
        yield document('a');
        reached.resolve(undefined);
        await gate.promise;
        await end();
      });
    const done = runSource(
      runOptions(
        environment,
        slow(() => Promise.resolve()),
      ),
    );
    await reached.promise;
    const result = await runSource(runOptions(environment, kindOfItems([document('b')])));
    gate.resolve(undefined);
    await expect(done).rejects.toBeInstanceOf(InterruptedError);
    expect(await runOfHour(1)).toEqual(result);
  });

  test('only the owner finishes a step of a run or the run, and each step once', async () => {
    const { runs } = environment.database;
    const scheduledFor = new Date(hour(1));
    const request = { sourceId: SOURCE, kind: 'scripted', trigger: 'schedule' as const, round: 0 };
    const wanted = { ...request, scheduledFor, worker: 'first' };
    const totals = { source: 0, all: 0 };
    const beginning = { sequence: 1, state: undefined, stateVersion: 0, totals };
    const first = await runs.begin(wanted, beginning, new Date());
    const second = first && (await runs.takeOver(first.run, { ...wanted, worker: 'second' }));
    if (second === undefined) throw new Error('The run was not taken over.');
    const tally = {
      counts: { seen: 9, new: 9, updated: 0, duplicate: 0, rejected: 0, media: 0 },
      ...{ parts: [], reject_reasons: {}, rejects: [] },
    };
    const { step } = second.run.progress;
    const point = { ...tally, bytes: 9, state: 'read', stateVersion: 1 };
    const end = { ...tally, bytes: 9, status: 'success' as const, totalsAfter: totals, at: new Date() };
    const before = await runOfHour(1);
    // Only the owner is wrong; only the step is wrong.
    expect(await runs.checkpoint(second.run._id, first?.owner ?? '', { ...point, step })).toBe(false);
    expect(await runs.checkpoint(second.run._id, second.owner, { ...point, step: step - 1 })).toBe(false);
    expect(await runs.finish(second.run._id, first?.owner ?? '', end)).toBeUndefined();
    expect(await runOfHour(1)).toEqual(before);
    expect(await runs.checkpoint(second.run._id, second.owner, { ...point, step })).toBe(true);
    // Repeated, as after a lost response, it changes nothing.
    expect(await runs.checkpoint(second.run._id, second.owner, { ...point, step })).toBe(false);
    expect(await runs.finish(second.run._id, second.owner, end)).toMatchObject({ status: 'success' });
  });

  test('of two runs of a source at the same time, the older one continues from the state of the newer', async () => {
    const gate = Promise.withResolvers<undefined>();
    const reached = Promise.withResolvers<undefined>();
    const behind = scriptedKind(async function* ({ state: from }) {
      yield document('a');
      if (from === undefined) {
        reached.resolve(undefined);
        await gate.promise;
      }
      yield checkpoint(from === undefined ? 'stale' : 'more');
    });
    const first = runSource(runOptions(environment, behind));
    await reached.promise;
    await runSource(runOptions(environment, kindOfItems([document('b'), checkpoint('newer')]), second));
    gate.resolve(undefined);
    await expect(first).rejects.toBeInstanceOf(InterruptedError);
    expect((await environment.database.sources.findById(SOURCE))?.state).toBe('newer');

    // Its job is retried; the later run succeeded, so there is nothing to do.
    expect(await runSource(runOptions(environment, behind))).toMatchObject({ status: 'skipped' });
    expect((await environment.database.sources.findById(SOURCE))?.state).toBe('newer');
  });

  test('a shutdown leaves the run in the state of its last checkpoint', async () => {
    const stop = new AbortController();
    const kind = scriptedKind(async function* ({ state: from }) {
      if (from === undefined) {
        yield document('a');
        yield checkpoint(1);
        stop.abort();
      }
      await Promise.resolve();
      yield document('b');
    });
    const attempted = runSource(runOptions(environment, kind, { signal: stop.signal }));
    await expect(attempted).rejects.toBeInstanceOf(InterruptedError);
    expect(await runOfHour(1)).toMatchObject({ status: 'running', counts: { seen: 1 }, state_after: 1 });
    const result = await runSource(runOptions(environment, kind));
    expect(result).toMatchObject({ status: 'success', counts: { seen: 2, new: 2 } });
  });

  test('an abandoned run is closed unless it changed meanwhile, and can be continued', async () => {
    const stop = new AbortController();
    stop.abort();
    const kind = kindOfItems([document('a')]);
    await expect(runSource(runOptions(environment, kind, { signal: stop.signal }))).rejects.toThrow();
    const [seen, ...others] = await environment.database.runOverview.running();
    if (seen === undefined) throw new Error('No run is under way.');
    expect(others).toEqual([]);
    const lost = new TransientError('worker_lost', 'Nobody works on it.');
    const closed = await environment.database.runs.closeAbandoned(seen, lost, new Date());
    expect(closed).toMatchObject({ status: 'failed', error: { class: 'worker_lost' } });
    expect(await environment.database.runs.closeAbandoned(seen, lost, new Date())).toBeUndefined();
    expect(await runSource(runOptions(environment, kind))).toMatchObject({ status: 'success', attempts: 2 });
  });
});
