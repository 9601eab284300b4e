import type { RunCounts } from '../../src/database/collections/run.ts';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import type { CollectedItem, DocumentItem } from '../../src/collectors/collector.ts';
import { runSource } from '../../src/collectors/engine/run-source.ts';
import { fingerprintOf } from '../../src/collectors/fingerprint.ts';
import { runId } from '../../src/database/run-repository.ts';
import { PermanentError, TransientError } from '../../src/domain/job-errors.ts';
import {
  checkpoint,
  CountingClient,
  document,
  hour,
  kindOfItems,
  runOptions,
  scriptedKind,
  scriptedSource,
} from '../support/scripted-source.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

const SOURCE = 'scripted-source';

describe('a run of a source', () => {
  let environment: TestEnvironment;

  beforeAll(async () => {
    environment = await openTestEnvironment();
  });
  afterAll(() => environment.close());
  beforeEach(async () => {
    const { models } = environment.database.connection;
    for (const name of ['Source', 'Run', 'Document', 'Video']) await models[name]?.deleteMany({});
  });

  const run = (items: readonly CollectedItem[], changes: Parameters<typeof runOptions>[2] = {}) =>
    runSource(runOptions(environment, kindOfItems(items), changes));
  const atHour = (number: number) => ({ payload: { scheduledFor: hour(number) } });

  test('creates its collections and the unique indexes before the first write', async () => {
    const { connection } = environment.database;
    const names = (await connection.listCollections()).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['sources', 'runs', 'documents', 'snapshots']));
    const indexes = await connection.collection('runs').indexes();
    expect(indexes).toContainEqual(
      expect.objectContaining({ key: { source_id: 1, scheduled_for: 1 }, unique: true }),
    );
    // The fingerprint is the _id, which is unique.
    const row = { source_id: 'a', kind: 'b', run_id: 'c', revision: 1, first_seen_at: new Date() };
    await connection.models['Document']?.create({ _id: 'f', ...row });
    await expect(connection.models['Document']?.create({ _id: 'f', ...row })).rejects.toMatchObject({
      code: 11_000,
    });
  });

  test('stores documents, counts them, and saves the state', async () => {
    const http = new CountingClient();
    const kind = scriptedKind(async function* () {
      http.bytesReceived += 1_000;
      yield document('one');
      yield document('two');
      await Promise.resolve();
      yield { type: 'rejected', reason: 'no title!', detail: 'row 3' };
      yield { type: 'part', name: 'a feed', status: 'success', items: 3 };
      yield checkpoint({ 'https://example.org/a.xml': { etag: '"1"' }, $odd: 1, '': '%2e' });
    });
    const result = await runSource(runOptions(environment, kind, { http }));

    expect(result).toMatchObject({
      _id: `${SOURCE}.${hour(1)}`,
      status: 'success',
      attempts: 1,
      bytes: 1_000,
      counts: counts({ new: 2, rejected: 1 }),
      totals: { before: { source: 0, all: 0 }, after: { source: 2, all: 2 } },
      parts: [{ name: 'a feed', status: 'success', items: 3 }],
      reject_reasons: { no_title_: 1 },
      rejects: [{ reason: 'no_title_', detail: 'row 3' }],
    });
    expect(result.owner).toBeUndefined();
    expect(
      await environment.database.documents.findById(fingerprintOf('scripted', { text: 'one' })),
    ).toMatchObject({
      source_id: SOURCE,
      run_id: `${SOURCE}.${hour(1)}`,
      title: 'one',
      revision: 1,
    });
    const source = await environment.database.sources.findById(SOURCE);
    expect(source).toMatchObject({ state_version: 1, consecutive_failures: 0, runs_begun: 1 });
    expect(source?.last_success_at).toBeInstanceOf(Date);
    expect(source?.last_new_item_at).toBeInstanceOf(Date);

    // The next run starts with that state, including its names.
    let state: unknown;
    await runSource(
      runOptions(
        environment,
        scriptedKind(async function* (context) {
          await Promise.resolve();
          state = context.state;
        }),
        atHour(2),
      ),
    );
    expect(state).toEqual({ 'https://example.org/a.xml': { etag: '"1"' }, $odd: 1, '': '%2e' });
  });

  test('finds nothing new in a second run, in any order and with any number of copies', async () => {
    const items = Array.from({ length: 1_203 }, (_value, index) => document(`text ${String(index)}`));
    const first = await run([...items, ...items.slice(0, 700)]);
    expect(first.counts).toEqual(counts({ new: 1_203, duplicate: 700 }));
    const second = await run([...items.toReversed(), ...items.slice(5, 9)], atHour(2));
    expect(second.counts).toEqual(counts({ duplicate: 1_207 }));
    expect(second.totals).toEqual({
      before: { source: 1_203, all: 1_203 },
      after: { source: 1_203, all: 1_203 },
    });
    expect((await environment.database.sources.findById(SOURCE))?.last_new_item_at).toEqual(
      first.finished_at,
    );
  });

  test('updates a document with the next revision when a known key has other content; earlier content is a duplicate', async () => {
    await run([document('A', 'guid'), document('x', 'other')]);
    const second = await run(
      [document('B', 'guid'), document('B2', 'guid'), document('x', 'other')],
      atHour(2),
    );
    expect(second.counts).toEqual(counts({ updated: 2, duplicate: 1 }));
    const third = await run([document('A', 'guid')], atHour(3));
    expect(third.counts).toEqual(counts({ duplicate: 1 }));
    const revisions = await environment.database.documents.revisions(SOURCE, 'guid');
    expect(revisions.map(({ title, revision }) => [title, revision])).toEqual([
      ['A', 1],
      ['B', 2],
      ['B2', 3],
    ]);
  });

  test('counts a text of two sources for the first one; a key belongs to its source', async () => {
    await run([document('shared', 'guid')]);
    const source = scriptedSource({ id: 'second-source' });
    const second = await run([document('shared', 'guid'), document('own', 'guid')], { source });
    expect(second.counts).toEqual(counts({ new: 1, duplicate: 1 }));
    expect(await environment.database.documents.totalsBySource()).toEqual(
      new Map([
        [SOURCE, 1],
        ['second-source', 1],
      ]),
    );
  });

  test('rejects invalid items, records the first hundred and counts all', async () => {
    const broken: DocumentItem[] = [
      { type: 'document', identity: { text: 'a' } },
      { type: 'document', identity: { text: 'b' }, title: 'b', publishedAt: new Date(NaN) },
      { type: 'document', identity: { value: NaN }, title: 'c' },
      { type: 'document', identity: { text: 'd' }, title: 'd', text: 'd'.repeat(5 * 1024 ** 2) },
    ];
    const many = Array.from({ length: 150 }, (): CollectedItem => ({
      type: 'rejected',
      reason: 'invalid_row',
    }));
    const result = await run([...broken, ...many], { source: scriptedSource({ requiredFields: ['title'] }) });
    expect(result.counts).toEqual(counts({ rejected: 154 }));
    expect(result.reject_reasons).toEqual({
      no_title: 1,
      invalid_date: 1,
      invalid_identity: 1,
      too_large: 1,
      invalid_row: 150,
    });
    expect(result.rejects).toHaveLength(100);
  });

  test('counts documents without a readable date with the reason, and pages that are duplicates', async () => {
    const ambiguous = { reason: 'ambiguous_date', text: '03/04/2026' } as const;
    const items: CollectedItem[] = [
      { ...document('a'), dateProblem: ambiguous },
      { ...document('b'), dateProblem: ambiguous },
      { ...document('c'), dateProblem: { reason: 'no_date', text: '' } },
      { type: 'duplicate' },
    ];
    const result = await run(items);
    expect(result.counts).toEqual(counts({ new: 3, duplicate: 1 }));
    expect(result.status).toBe('success');
    expect(result.note).toContain('3 items without a readable date');
    expect(result.date_problems).toMatchObject([
      { reason: 'ambiguous_date', count: 2, example: '03/04/2026' },
      { reason: 'no_date', count: 1 },
    ]);
    const source = scriptedSource({ id: 'dated', requiredFields: ['publishedAt'] });
    const strict = await run([{ ...document('d'), dateProblem: ambiguous }], { source });
    expect(strict.rejects).toMatchObject([
      { reason: 'ambiguous_date', detail: 'https://example.org/d: 03/04/2026' },
    ]);
  });

  test('stores rows with any column names, and an expiry time when the source has a retention', async () => {
    const odd: DocumentItem = {
      type: 'document',
      identity: { row: 1 },
      payload: { 'price.usd': 1, price_usd: 2, $sum: 3, '': 4, list: [{ 'a.b': new Date(0) }] },
    };
    const now = () => new Date('2026-01-01T00:00:00Z');
    await run([odd], { source: scriptedSource({ retentionMs: 86_400_000 }), now });
    const [found] = await environment.database.connection
      .collection<{ _id: string }>('documents')
      .find()
      .toArray();
    expect(found).toMatchObject({
      payload: { price_usd: 1, price_usd_2: 2, _sum: 3, _: 4, list: [{ a_b: new Date(0) }] },
      expire_at: new Date('2026-01-02T00:00:00Z'),
    });
  });

  test('sends audio to the audio pipeline once', async () => {
    const videoId = createHash('sha256').update('feed\nguid').digest('hex');
    const media: CollectedItem = {
      type: 'media',
      videoId,
      url: 'https://example.org/a.mp3',
      title: 'An episode',
    };
    const bad: CollectedItem = { type: 'media', videoId: 'x', url: 'https://example.org/a.mp3' };
    const first = await run([media, { ...media, url: 'https://example.org/a.mp3?token=2' }, bad]);
    expect(first.counts).toEqual({ ...counts({ rejected: 1 }), media: 1 });
    expect(await environment.database.videos.find({ provider: 'http', videoId })).toMatchObject({
      status: 'discovered',
      title: 'An episode',
    });
    expect((await environment.queues.jobs.counts('download')).waiting).toBe(1);
    const second = await run([media], atHour(2));
    expect(second.counts.media).toBe(0);
    expect((await environment.queues.jobs.counts('download')).waiting).toBe(1);
  });

  test('is partial when some parts failed and failed when all did; it is retried when any failure is temporary', async () => {
    const permanent = new PermanentError('source_missing', 'Not found.');
    const transient = new TransientError('timeout', 'Too slow.');
    const failed = (name: string, error: Error): CollectedItem => ({
      type: 'part',
      name,
      status: 'failed',
      error,
    });
    const partial = await run([
      failed('a', permanent),
      { type: 'part', name: 'b', status: 'unchanged', note: 'Not modified.' },
    ]);
    expect(partial).toMatchObject({
      status: 'partial',
      note: '1 of 2 parts failed',
      parts: [{ name: 'a', error_class: 'source_missing', note: 'Not found.' }, { name: 'b' }],
    });
    await expect(run([failed('a', permanent), failed('b', transient)], atHour(2))).rejects.toMatchObject({
      outcome: 'transient',
      errorClass: 'timeout',
    });
    await expect(run([failed('a', permanent)], atHour(3))).rejects.toBe(permanent);
    expect(await find(3)).toMatchObject({ status: 'failed', error: { class: 'source_missing' } });
    expect(await environment.database.sources.findById(SOURCE)).toMatchObject({ consecutive_failures: 2 });
  });

  test('ends at the maximum of items, loses nothing, and the next run continues', async () => {
    const items = Array.from({ length: 25 }, (_value, index) => document(`text ${String(index)}`));
    const source = scriptedSource({ maxItemsPerRun: 10 });
    const all = [...items, checkpoint('end')];
    const first = await run(all, { source });
    expect(first).toMatchObject({ status: 'partial', counts: counts({ new: 10 }) });
    expect((await environment.database.sources.findById(SOURCE))?.state).toBeUndefined();
    expect((await run(all, { source, ...atHour(2) })).counts.new).toBe(10);
    const last = await run(all, { source, ...atHour(3) });
    expect(last).toMatchObject({ status: 'success', counts: counts({ new: 5, duplicate: 20 }) });
    expect((await environment.database.sources.findById(SOURCE))?.state).toBe('end');
  });

  test('is complete when the source has exactly the maximum of items', async () => {
    const source = scriptedSource({ maxItemsPerRun: 2 });
    expect(await run([document('a'), document('b'), checkpoint(1)], { source })).toMatchObject({
      status: 'success',
      state_after: 1,
    });
  });

  test('does not count as fresh with fewer items than expected, unless nothing changed', async () => {
    const source = scriptedSource({ minItems: 5 });
    const few = await run([document('a')], { source });
    expect(few).toMatchObject({ status: 'partial', note: '1 items, expected at least 5' });
    expect((await environment.database.sources.findById(SOURCE))?.last_success_at).toBeUndefined();
    const same = await run([{ type: 'part', name: 'a', status: 'unchanged' }], { source, ...atHour(2) });
    expect(same.status).toBe('success');
  });

  test('does not count as fresh when all parts were skipped', async () => {
    const skipped = await run([{ type: 'part', name: 'a', status: 'skipped', note: 'It asks for a pause.' }]);
    expect(skipped).toMatchObject({ status: 'partial', note: 'all 1 parts were skipped' });
    expect((await environment.database.sources.findById(SOURCE))?.last_success_at).toBeUndefined();
  });

  test('gives an episode that is not downloaded yet the current URL of the feed', async () => {
    const key = { provider: 'http', videoId: 'b'.repeat(64) } as const;
    const episode = (token: string): CollectedItem => ({
      type: 'media',
      videoId: key.videoId,
      url: `https://example.org/b.mp3?token=${token}`,
    });
    await run([episode('1')]);
    await run([episode('2')], atHour(2));
    expect((await environment.database.videos.find(key))?.url).toBe('https://example.org/b.mp3?token=2');
    const staged = { size: 1, format: 'mp3', source: 'http' as const };
    await environment.database.videos.markDownloaded(key, 0, staged, {});
    await run([episode('3')], atHour(3));
    expect((await environment.database.videos.find(key))?.url).toBe('https://example.org/b.mp3?token=2');
  });

  test('skips a disabled source with its reason; by hand it skips it only without its key', async () => {
    const withoutKey = scriptedSource({ missingKey: 'OWM_API_KEY' });
    const off = scriptedSource({ enabled: false });
    expect(await run([document('a')], { source: withoutKey })).toMatchObject({
      status: 'skipped',
      note: 'disabled: missing OWM_API_KEY',
    });
    expect(await environment.database.sources.findById(SOURCE)).toMatchObject({
      enabled: false,
      disabled_reason: 'missing OWM_API_KEY',
    });
    expect((await run([document('a')], { source: off, ...atHour(2) })).status).toBe('skipped');
    const byHand = (number: number) => ({
      payload: { scheduledFor: hour(number), trigger: 'manual' as const },
    });
    expect((await run([document('a')], { source: off, ...byHand(3) })).status).toBe('success');
    expect((await run([document('a')], { source: withoutKey, ...byHand(4) })).status).toBe('skipped');
  });

  test('is not made again after it has ended', async () => {
    const first = await run([document('a')]);
    const second = await run([document('b')]);
    expect(second).toEqual(first);
    expect(await environment.database.documents.totals(SOURCE)).toEqual({ source: 1, all: 1 });
  });

  test('is not retried after a later run succeeded, also with a clock that was set back', async () => {
    const kind = scriptedKind(async function* () {
      yield document('a');
      await Promise.reject(new TransientError('network', 'Gone.'));
    });
    const later = () => new Date('2026-05-01T12:00:00Z');
    await expect(runSource(runOptions(environment, kind, { now: later }))).rejects.toThrow('Gone.');
    // The clock is set back by months; this run is still the later one.
    const earlier = () => new Date('2026-01-01T12:00:00Z');
    expect(await run([document('a')], { ...atHour(2), now: earlier })).toMatchObject({
      status: 'success',
      counts: counts({ duplicate: 1 }),
    });
    const retried = await run([document('b')], { payload: { round: 1 } });
    expect(retried).toMatchObject({
      status: 'skipped',
      note: 'superseded: a later run of this source succeeded',
      counts: counts({ new: 1 }),
    });
    // A new run of an earlier hour is an ordinary run.
    expect((await run([document('c')], { ...atHour(0), now: earlier })).counts.new).toBe(1);
  });

  test('reports settings that are invalid for its kind', async () => {
    const kind = { ...kindOfItems([]), settingsSchema: z.strictObject({ feeds: z.array(z.string()) }) };
    await expect(runSource(runOptions(environment, kind))).rejects.toMatchObject({
      errorClass: 'source_settings',
    });
  });

  async function find(number: number) {
    return await environment.database.runs.findById(runId(SOURCE, new Date(hour(number))));
  }
});

function counts(some: Partial<RunCounts>): RunCounts {
  const all = { seen: 0, new: 0, updated: 0, duplicate: 0, rejected: 0, media: 0, ...some };
  return { ...all, seen: all.new + all.updated + all.duplicate + all.rejected };
}
