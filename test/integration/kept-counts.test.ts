import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { PipelineStage } from 'mongoose';
import { DocumentCounts } from '../../src/database/document-counts.ts';
import { KeptCounts, type CountLimits } from '../../src/database/kept-counts.ts';
import { registerModels, type Models } from '../../src/database/models.ts';
import { VideoCounts } from '../../src/database/video-counts.ts';
import { countVideos } from '../../src/operations/list-videos.ts';
import { collectStatus } from '../../src/reports/status.ts';
import { formatStatus } from '../../src/reports/status-text.ts';
import { insertVideos, videoRecord } from '../support/video-records.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import { eventually } from '../support/eventually.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

const EXACT = 20;
const never = new AbortController().signal;

let environment: TestEnvironment;
let models: Models;

beforeAll(async () => {
  environment = await openTestEnvironment();
  models = registerModels(environment.database.connection);
});
afterAll(() => environment.close());
beforeEach(async () => {
  await Promise.all([models.videos.deleteMany({}), models.keptCounts.deleteMany({})]);
});

/** The counts of another process. */
function openCounts(limits: Partial<CountLimits> = {}) {
  return new VideoCounts(new KeptCounts(models.keptCounts, { exactUpTo: EXACT, ...limits }), models.videos);
}

const insert = async (from: number, count: number, fields: Parameters<typeof videoRecord>[1]) => {
  const videos = Array.from({ length: count }, (_value, index) => videoRecord(from + index, fields));
  await insertVideos(environment.database, videos);
};
const keptAt = async (ago: number) => {
  await models.keptCounts.updateMany({}, { $set: { counted_at: new Date(Date.now() - ago) } });
};

test('few are counted for each who asks, and nothing is kept', async () => {
  await insert(1, EXACT, { status: 'mirrored' });
  const counts = openCounts();
  expect(await counts.byStatus()).toMatchObject({ counts: { mirrored: EXACT, failed: 0 } });
  expect((await counts.byStatus()).countedAt).toBeUndefined();
  expect(await models.keptCounts.countDocuments()).toBe(0);
});

describe('of many', () => {
  beforeEach(() => insert(1, 50, { status: 'mirrored' }));

  test('the last count is shown, by every process, with its time', async () => {
    const { countedAt } = await openCounts().byStatus();
    expect(countedAt).toBeInstanceOf(Date);
    await insert(101, 50, { status: 'mirrored' });
    const other = await openCounts().byStatus();
    expect(other).toMatchObject({ counts: { mirrored: 50 }, countedAt });
  });

  test('a status with few is counted now', async () => {
    const counts = openCounts();
    await counts.byStatus();
    await insert(101, 2, { status: 'stored' });
    expect(await counts.byStatus()).toMatchObject({ counts: { mirrored: 50, stored: 2 } });
  });

  test('an old count is shown once more while all are counted anew', async () => {
    const counts = openCounts({ renewedAfterMs: 0 });
    await counts.byStatus();
    await insert(101, 50, { status: 'mirrored' });
    await keptAt(60_000);
    expect((await counts.byStatus()).counts.mirrored).toBe(50);
    await eventually(
      'the new count',
      async () => (await openCounts().byStatus()).counts.mirrored,
      (count) => count === 100,
    );
  });

  test('who finds only a very old one waits', async () => {
    const counts = openCounts();
    await counts.byStatus();
    await insert(101, 50, { status: 'mirrored' });
    // Also one of a process whose clock was wrong.
    for (const ago of [3_600_000, -3_600_000]) {
      await keptAt(ago);
      expect((await counts.byStatus()).counts.mirrored).toBe(100);
    }
  });

  test('reconcile counts anew, and many that have become few are exact again', async () => {
    const counts = openCounts();
    await counts.byStatus();
    await models.videos.deleteMany({ _id: { $gt: videoRecord(10)._id } });
    expect((await counts.byStatus()).counts.mirrored).toBe(50);
    await counts.renew(never);
    const now = await counts.byStatus();
    expect(now.countedAt).toBeUndefined();
    expect(now.counts.mirrored).toBe(await models.videos.countDocuments());
  });

  test('several who count at once leave one count, the latest', async () => {
    await Promise.all(Array.from({ length: 5 }, () => openCounts({ shownForMs: -1 }).byStatus()));
    expect(await models.keptCounts.countDocuments()).toBe(1);
  });

  /** Notes the pipelines that are sent. */
  function noted() {
    const pipelines: (readonly object[])[] = [];
    const model = {
      aggregate: (pipeline: PipelineStage[]) => {
        pipelines.push(pipeline);
        return models.videos.aggregate(pipeline);
      },
    } as typeof models.videos;
    return { pipelines, model };
  }

  test('those who ask one process at once share a count', async () => {
    const { pipelines, model } = noted();
    const counts = new VideoCounts(new KeptCounts(models.keptCounts), model);
    await Promise.all(Array.from({ length: 10 }, () => counts.byStatus()));
    expect(pipelines).toHaveLength(1);
  });

  test('no query reads more than are counted for each who asks, once they were counted', async () => {
    await openCounts().byStatus();
    const { pipelines, model } = noted();
    const counts = new VideoCounts(new KeptCounts(models.keptCounts, { exactUpTo: EXACT }), model);
    await Promise.all([counts.byStatus(), counts.failuresByClass(), counts.waitingForJob()]);
    expect(pipelines).toHaveLength(3);
    for (const pipeline of pipelines) expect(pipeline).toContainEqual({ $limit: EXACT + 1 });
  });
});

test('failures and the backlog are counted in the same way', async () => {
  const error = { class: 'private', message: 'No.', advice: '', stage: 'download', at: new Date() } as const;
  await insert(1, 30, { status: 'failed', error });
  await insert(101, 3, { status: 'failed', error: { ...error, class: 'network' } });
  await insert(201, 40, { status: 'discovered', backlog_order: 1 });
  await insert(301, 5, { status: 'discovered' });
  await insert(401, 5, { status: 'mirrored', backlog_order: 1 });
  const counts = openCounts();
  expect((await counts.failuresByClass()).counts).toEqual([
    { errorClass: 'private', count: 30 },
    { errorClass: 'network', count: 3 },
  ]);
  expect((await counts.waitingForJob()).counts).toBe(40);
});

test('documents are counted by source', async () => {
  const document = (index: number, source: string) => ({
    _id: `${source}-${String(index)}`,
    source_id: source,
  });
  await environment.database.connection
    .collection('documents')
    .insertMany([document(1, 'one'), document(2, 'one'), document(1, 'two')] as never);
  const { counts } = await new DocumentCounts(new KeptCounts(models.keptCounts), models.documents).bySource();
  expect(Object.fromEntries(counts)).toEqual({ one: 2, two: 1 });
});

test('status and lists say when large numbers were counted', async () => {
  await insert(1, 50, { status: 'mirrored' });
  const database = { ...environment.database, videoCounts: openCounts() };
  const status = await collectStatus(database, environment.queues);
  expect(status).toMatchObject({
    videos: { total: 50, mirrored: 50 },
    countedAt: expect.any(Date) as unknown,
  });
  const at = new Date(Number(status.countedAt) + 90_000);
  expect(formatStatus({ ...status, at })).toContain('Large numbers were counted 2 min ago.');
  expect(await countVideos({ status: 'mirrored' }, { total: null }, database)).toEqual({
    count: 50,
    isExact: true,
    countedAt: status.countedAt,
  });
  expect((await collectStatus(environment.database, environment.queues)).countedAt).toBeNull();
});

test('pages and metrics show a million with its time, and French ones too', async () => {
  const countedAt = new Date(Date.now() - 30_000);
  const keep = async (_id: string, name: string) =>
    await models.keptCounts.create({
      ...{ _id, groups: [{ name, count: 1_000_000 }] },
      ...{ counted_at: countedAt, took_ms: 60_000 },
    });
  await Promise.all([keep('videos by status', 'mirrored'), keep('documents by source', 'one')]);
  // More than a page of the list.
  await insert(1, 101, { status: 'mirrored' });
  const dashboard = await startTestDashboard(environment);
  try {
    const read = async (page: string, language = 'en') => {
      const headers = { 'accept-language': language };
      return (await (await fetch(new URL(page, dashboard.url), { headers })).text()).replaceAll(/\s+/g, ' ');
    };
    const time = `<time datetime="${countedAt.toISOString()}">`;
    for (const page of ['/', '/videos', '/videos?status=mirrored', '/health'])
      expect([page, await read(page)]).toEqual([
        page,
        expect.stringMatching(new RegExp(`1,000,000.*Large numbers are as of ${time}`)),
      ]);
    expect(await read('/', 'fr')).toContain(`Les grands nombres datent du ${time}`);
    const metrics = await read('/metrics');
    expect(metrics).toContain('sonotheque_videos{status="mirrored"} 1000000');
    expect(metrics).toContain(
      `sonotheque_videos_counted_timestamp_seconds ${String(countedAt.getTime() / 1000)}`,
    );
    expect(JSON.parse(await read('/api/status'))).toMatchObject({ countedAt: countedAt.toISOString() });
  } finally {
    await dashboard.close();
  }
});
