import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import type { Found, FoundDocument } from '../../src/collectors/collector.ts';
import { runSource } from '../../src/collectors/engine/run-source.ts';
import { fingerprintOf } from '../../src/collectors/fingerprint.ts';
import type { RunCounts } from '../../src/database/collection-documents.ts';
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
import { openTestSetting, type TestEnvironment } from '../support/test-environment.ts';

const SOURCE = 'scripted-source';

describe('a run of a source', () => {
  let setting: TestEnvironment;

  beforeAll(async () => {
    setting = await openTestSetting();
  });
  afterAll(() => setting.close());
  beforeEach(async () => {
    const { models } = setting.database.connection;
    for (const name of ['Source', 'Run', 'Document', 'Video']) await models[name]?.deleteMany({});
  });

  const run = (items: readonly Found[], changes: Parameters<typeof runOptions>[2] = {}) =>
    runSource(runOptions(setting, kindOfItems(items), changes));
  const atHour = (number: number) => ({ payload: { scheduledFor: hour(number) } });

  test('has its collections and the unique indexes before the first write', async () => {
    const { connection } = setting.database;
    const names = (await connection.listCollections()).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['sources', 'runs', 'documents', 'snapshots']));
    const indexes = await connection.collection('runs').indexes();
    expect(indexes).toContainEqual(
      expect.objectContaining({ key: { source_id: 1, scheduled_for: 1 }, unique: true }),
    );
    // The fingerprint is the _id, which no collection has twice.
    const row = { source_id: 'a', kind: 'b', run_id: 'c', revision: 1, first_seen_at: new Date() };
    await connection.models['Document']?.create({ _id: 'f', ...row });
    await expect(connection.models['Document']?.create({ _id: 'f', ...row })).rejects.toMatchObject({
      code: 11_000,
    });
  });

  test('keeps what it found, counts it, and saves the state', async () => {
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
    const result = await runSource(runOptions(setting, kind, { http }));

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
    expect(await setting.database.documents.find(fingerprintOf('scripted', { text: 'one' }))).toMatchObject({
      source_id: SOURCE,
      run_id: `${SOURCE}.${hour(1)}`,
      title: 'one',
      revision: 1,
    });
    const source = await setting.database.sources.find(SOURCE);
    expect(source).toMatchObject({ state_version: 1, consecutive_failures: 0, runs_begun: 1 });
    expect(source?.last_success_at).toBeInstanceOf(Date);
    expect(source?.last_new_item_at).toBeInstanceOf(Date);

    // The next run begins from that state, names and all.
    let state: unknown;
    await runSource(
      runOptions(
        setting,
        scriptedKind(async function* (context) {
          await Promise.resolve();
          state = context.state;
        }),
        atHour(2),
      ),
    );
    expect(state).toEqual({ 'https://example.org/a.xml': { etag: '"1"' }, $odd: 1, '': '%2e' });
  });

  test('a second run finds nothing new, whatever the order and the number of copies', async () => {
    const items = Array.from({ length: 1_203 }, (_value, index) => document(`text ${String(index)}`));
    const first = await run([...items, ...items.slice(0, 700)]);
    expect(first.counts).toEqual(counts({ new: 1_203, duplicate: 700 }));
    const second = await run([...items.toReversed(), ...items.slice(5, 9)], atHour(2));
    expect(second.counts).toEqual(counts({ duplicate: 1_207 }));
    expect(second.totals).toEqual({
      before: { source: 1_203, all: 1_203 },
      after: { source: 1_203, all: 1_203 },
    });
    expect((await setting.database.sources.find(SOURCE))?.last_new_item_at).toEqual(first.finished_at);
  });

  test('other content under a known key is an update with the next revision; content that comes back is known', async () => {
    await run([document('A', 'guid'), document('x', 'other')]);
    const second = await run(
      [document('B', 'guid'), document('B2', 'guid'), document('x', 'other')],
      atHour(2),
    );
    expect(second.counts).toEqual(counts({ updated: 2, duplicate: 1 }));
    const third = await run([document('A', 'guid')], atHour(3));
    expect(third.counts).toEqual(counts({ duplicate: 1 }));
    const revisions = await setting.database.documents.revisions(SOURCE, 'guid');
    expect(revisions.map(({ title, revision }) => [title, revision])).toEqual([
      ['A', 1],
      ['B', 2],
      ['B2', 3],
    ]);
  });

  test('a text that two sources have is credited to the first; a key belongs to its source', async () => {
    await run([document('shared', 'guid')]);
    const source = scriptedSource({ id: 'second-source' });
    const second = await run([document('shared', 'guid'), document('own', 'guid')], { source });
    expect(second.counts).toEqual(counts({ new: 1, duplicate: 1 }));
    expect(await setting.database.documents.totalsBySource()).toEqual(
      new Map([
        [SOURCE, 1],
        ['second-source', 1],
      ]),
    );
  });

  test('rejects what cannot be taken, keeps the first hundred and counts all', async () => {
    const broken: FoundDocument[] = [
      { type: 'document', identity: { text: 'a' } },
      { type: 'document', identity: { text: 'b' }, title: 'b', publishedAt: new Date(NaN) },
      { type: 'document', identity: { value: NaN }, title: 'c' },
      { type: 'document', identity: { text: 'd' }, title: 'd', text: 'd'.repeat(5 * 1024 ** 2) },
    ];
    const many = Array.from({ length: 150 }, (): Found => ({ type: 'rejected', reason: 'invalid_row' }));
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

  test('keeps rows whose columns are called anything, and their time when they are kept for a time only', async () => {
    const odd: FoundDocument = {
      type: 'document',
      identity: { row: 1 },
      payload: { 'price.usd': 1, price_usd: 2, $sum: 3, '': 4, list: [{ 'a.b': new Date(0) }] },
    };
    const now = () => new Date('2026-01-01T00:00:00Z');
    await run([odd], { source: scriptedSource({ retentionMs: 86_400_000 }), now });
    const [found] = await setting.database.connection
      .collection<{ _id: string }>('documents')
      .find()
      .toArray();
    expect(found).toMatchObject({
      payload: { price_usd: 1, price_usd_2: 2, _sum: 3, _: 4, list: [{ a_b: new Date(0) }] },
      expire_at: new Date('2026-01-02T00:00:00Z'),
    });
  });

  test('sends audio through the audio pipeline, once', async () => {
    const videoId = createHash('sha256').update('feed\nguid').digest('hex');
    const media: Found = { type: 'media', videoId, url: 'https://example.org/a.mp3', title: 'An episode' };
    const bad: Found = { type: 'media', videoId: 'x', url: 'https://example.org/a.mp3' };
    const first = await run([media, { ...media, url: 'https://example.org/a.mp3?token=2' }, bad]);
    expect(first.counts).toEqual({ ...counts({ rejected: 1 }), media: 1 });
    expect(await setting.database.videos.find({ provider: 'http', videoId })).toMatchObject({
      status: 'discovered',
      title: 'An episode',
    });
    expect((await setting.queues.counts('download')).waiting).toBe(1);
    const second = await run([media], atHour(2));
    expect(second.counts.media).toBe(0);
    expect((await setting.queues.counts('download')).waiting).toBe(1);
  });

  test('is partial when some parts failed, failed when all did, and what may mend itself decides', async () => {
    const permanent = new PermanentError('source_missing', 'Not found.');
    const transient = new TransientError('timeout', 'Too slow.');
    const failed = (name: string, error: Error): Found => ({ type: 'part', name, status: 'failed', error });
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
    expect(await setting.database.sources.find(SOURCE)).toMatchObject({ consecutive_failures: 2 });
  });

  test('ends at the most items a run may take, loses nothing by it, and the next goes on', async () => {
    const items = Array.from({ length: 25 }, (_value, index) => document(`text ${String(index)}`));
    const source = scriptedSource({ maxItemsPerRun: 10 });
    const all = [...items, checkpoint('end')];
    const first = await run(all, { source });
    expect(first).toMatchObject({ status: 'partial', counts: counts({ new: 10 }) });
    expect((await setting.database.sources.find(SOURCE))?.state).toBeUndefined();
    expect((await run(all, { source, ...atHour(2) })).counts.new).toBe(10);
    const last = await run(all, { source, ...atHour(3) });
    expect(last).toMatchObject({ status: 'success', counts: counts({ new: 5, duplicate: 20 }) });
    expect((await setting.database.sources.find(SOURCE))?.state).toBe('end');
  });

  test('a run that took exactly what it may and then ended is whole', async () => {
    const source = scriptedSource({ maxItemsPerRun: 2 });
    expect(await run([document('a'), document('b'), checkpoint(1)], { source })).toMatchObject({
      status: 'success',
      state_after: 1,
    });
  });

  test('with fewer items than expected it does not count as fresh, unless nothing changed', async () => {
    const source = scriptedSource({ minItems: 5 });
    const few = await run([document('a')], { source });
    expect(few).toMatchObject({ status: 'partial', note: '1 items, expected at least 5' });
    expect((await setting.database.sources.find(SOURCE))?.last_success_at).toBeUndefined();
    const same = await run([{ type: 'part', name: 'a', status: 'unchanged' }], { source, ...atHour(2) });
    expect(same.status).toBe('success');
  });

  test('of which all parts were skipped it does not count as fresh', async () => {
    const skipped = await run([{ type: 'part', name: 'a', status: 'skipped', note: 'It asks for a pause.' }]);
    expect(skipped).toMatchObject({ status: 'partial', note: 'all 1 parts were skipped' });
    expect((await setting.database.sources.find(SOURCE))?.last_success_at).toBeUndefined();
  });

  test('an episode that is still to be fetched gets the address that the feed has now', async () => {
    const key = { provider: 'http', videoId: 'b'.repeat(64) } as const;
    const episode = (token: string): Found => ({
      type: 'media',
      videoId: key.videoId,
      url: `https://example.org/b.mp3?token=${token}`,
    });
    await run([episode('1')]);
    await run([episode('2')], atHour(2));
    expect((await setting.database.videos.find(key))?.url).toBe('https://example.org/b.mp3?token=2');
    const staged = { size: 1, format: 'mp3', source: 'http' as const };
    await setting.database.videos.markDownloaded(key, 0, staged, {});
    await run([episode('3')], atHour(3));
    expect((await setting.database.videos.find(key))?.url).toBe('https://example.org/b.mp3?token=2');
  });

  test('a disabled source is skipped with its reason; by hand only a missing key keeps it from being collected', async () => {
    const withoutKey = scriptedSource({ missingKey: 'OWM_API_KEY' });
    const off = scriptedSource({ enabled: false });
    expect(await run([document('a')], { source: withoutKey })).toMatchObject({
      status: 'skipped',
      note: 'disabled: missing OWM_API_KEY',
    });
    expect(await setting.database.sources.find(SOURCE)).toMatchObject({
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

  test('a run that has ended is not made again', async () => {
    const first = await run([document('a')]);
    const second = await run([document('b')]);
    expect(second).toEqual(first);
    expect(await setting.database.documents.totals(SOURCE)).toEqual({ source: 1, all: 1 });
  });

  test('the retry of a run is not made when a later one succeeded; a clock that was set back changes nothing', async () => {
    const kind = scriptedKind(async function* () {
      yield document('a');
      await Promise.reject(new TransientError('network', 'Gone.'));
    });
    const later = () => new Date('2026-05-01T12:00:00Z');
    await expect(runSource(runOptions(setting, kind, { now: later }))).rejects.toThrow('Gone.');
    // The clock is set back by months; this run is the later one all the same.
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
    // A new run of an earlier hour is a run like any other.
    expect((await run([document('c')], { ...atHour(0), now: earlier })).counts.new).toBe(1);
  });

  test('says plainly when the kind does not take the settings', async () => {
    const kind = { ...kindOfItems([]), settingsSchema: z.strictObject({ feeds: z.array(z.string()) }) };
    await expect(runSource(runOptions(setting, kind))).rejects.toMatchObject({
      errorClass: 'source_settings',
    });
  });

  async function find(number: number) {
    return await setting.database.runs.find(runId(SOURCE, new Date(hour(number))));
  }
});

function counts(some: Partial<RunCounts>): RunCounts {
  const all = { seen: 0, new: 0, updated: 0, duplicate: 0, rejected: 0, media: 0, ...some };
  return { ...all, seen: all.new + all.updated + all.duplicate + all.rejected };
}
