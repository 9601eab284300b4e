import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AudioTotals } from '../../src/database/audio-totals.ts';
import { registerModels } from '../../src/database/models.ts';
import { PermanentError } from '../../src/domain/job-errors.ts';
import { egressLedgerOf } from '../../src/egress/egress-ledger.ts';
import { endRest } from '../../src/operations/end-rest.ts';
import { pauseQueues, resumeQueues, WORK_QUEUES } from '../../src/operations/pause-queues.ts';
import { runSource } from '../../src/operations/run-source.ts';
import { skipItem } from '../../src/operations/skip-item.ts';
import { parseSources } from '../../src/collectors/sources-file.ts';
import { KINDS } from '../../src/collectors/kinds.ts';
import { reconcileQueues } from '../../src/reconcile/queues-pass.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

const ACTOR = { user: 'ama', via: 'command' } as const;
const never = new AbortController().signal;

let environment: TestEnvironment;
let workers: TestWorkers;
beforeEach(async () => {
  environment = await openTestEnvironment({ EGRESS: 'home: budget=300' });
  workers = new TestWorkers(environment);
});
afterEach(async () => {
  await workers.stop();
  await environment.close();
});

const keyOf = (number: number) =>
  ({ provider: 'youtube', videoId: `operate${String(number).padStart(4, '0')}` }) as const;

describe('a queue that a person has paused', () => {
  test('lets jobs under way end and begins no others, in workers that start later too', async () => {
    const { queues } = environment;
    const done: string[] = [];
    const gate = Promise.withResolvers<undefined>();
    const process = async ({ videoId }: { readonly videoId: string }) => {
      if (videoId === keyOf(1).videoId) await gate.promise;
      done.push(videoId);
      return {};
    };
    workers.start('download', { process }, 1);
    await queues.add('download', { ...keyOf(1), round: 0 });
    await eventually('the first job', async () => (await queues.jobs.counts('download')).active === 1);
    await queues.add('download', { ...keyOf(2), round: 0 });
    expect(await pauseQueues(['download'], ACTOR, environment)).toEqual([
      { queue: 'download', outcome: 'paused' },
    ]);
    gate.resolve(undefined);
    await eventually('the end of the first job', () => done.length === 1);
    workers.start('download', { process }, 1);
    await queues.add('download', { ...keyOf(3), round: 0 });
    expect(await queues.jobs.counts('download')).toMatchObject({ waiting: 2, active: 0 });
    expect(await queues.jobs.oldestWaiting('download')).toBeInstanceOf(Date);
    expect(done).toHaveLength(1);
    await resumeQueues(['download'], ACTOR, environment);
    await eventually('the other jobs', () => done.length === 3);
  });

  test('stays on record with who and when; both are safe to repeat', async () => {
    const { database } = environment;
    await pauseQueues(['download'], ACTOR, environment);
    const again = await pauseQueues(['download'], { user: 'kofi', via: 'page' }, environment);
    expect(again).toEqual([{ queue: 'download', outcome: 'already_paused' }]);
    expect(await database.queuePauses.all()).toMatchObject([
      { _id: 'download', user: 'ama', via: 'command' },
    ]);
    expect(await resumeQueues(['download', 'upload'], ACTOR, environment)).toEqual([
      { queue: 'download', outcome: 'resumed' },
      { queue: 'upload', outcome: 'not_paused' },
    ]);
    expect(await database.queuePauses.all()).toEqual([]);
  });

  test('is paused again when Redis has lost everything, and not when it was resumed', async () => {
    const { database, queues } = environment;
    await pauseQueues(WORK_QUEUES, ACTOR, environment);
    for (const name of WORK_QUEUES) await queues.resume(name);
    const context = { database, queues, dryRun: false };
    expect(await reconcileQueues({ ...context, dryRun: true })).toEqual({ paused: WORK_QUEUES.length });
    expect(await queues.isPaused('download')).toBe(false);
    expect(await reconcileQueues(context)).toEqual({ paused: WORK_QUEUES.length });
    expect(await queues.isPaused('download')).toBe(true);
    await resumeQueues(['download'], ACTOR, environment);
    expect(await reconcileQueues(context)).toEqual({ paused: 0 });
    expect(await queues.isPaused('download')).toBe(false);
  });

  test('by Bull Board has no record, and is resumed all the same', async () => {
    const { database, queues } = environment;
    await queues.pause('sync');
    await reconcileQueues({ database, queues, dryRun: false });
    expect(await queues.isPaused('sync')).toBe(true);
    expect(await resumeQueues(['sync'], ACTOR, environment)).toEqual([{ queue: 'sync', outcome: 'resumed' }]);
  });
});

test('where only refused jobs are left, one of them becomes the probe when the rest is ended', async () => {
  const { queues, config } = environment;
  const ledger = egressLedgerOf(queues);
  const grant = await ledger.acquire(config.egress.addresses, 'download', 1_000, 0, 'youtube.operate0001');
  if ('waitMs' in grant) throw new Error('It waits.');
  await ledger.report(
    grant,
    { kind: 'refused', reason: 'bot_check', restAtLeastMs: 0 },
    { minRestMs: 600_000, maxRestMs: 600_000 },
  );
  await queues.add('download', { ...keyOf(1), round: 0 }, { delayMs: 600_000 });
  await queues.add('download', { ...keyOf(2), round: 0 }, { delayMs: 900_000 });
  expect(await endRest('home', ACTOR, environment)).toBe(true);
  expect(await queues.jobs.counts('download')).toMatchObject({ waiting: 1, delayed: 1 });
  expect(await endRest('home', ACTOR, environment)).toBe(false);
  expect(await queues.jobs.counts('download')).toMatchObject({ waiting: 1, delayed: 1 });
});

test('the item that caused trouble is skipped: a video for good, a playlist until it is resumed', async () => {
  const { database } = environment;
  await database.videos.discover([{ key: keyOf(1), url: 'https://example.org/1', title: 'One' }]);
  await database.playlists.register({ id: 'playlist.PLx', url: 'https://example.org/list' }, new Date());
  expect(await skipItem('youtube.operate0001', ACTOR, environment)).toBe('skipped');
  expect(await skipItem('playlist.PLx', ACTOR, environment)).toBe('paused');
  expect((await database.playlists.findById('playlist.PLx'))?.enabled).toBe(false);
  for (const item of ['', 'youtube.operate9999', 'constructor', '../../etc/passwd', 'youtube.']) {
    expect(await skipItem(item, ACTOR, environment)).toBe('unknown');
  }
});

test('a source is collected now; a second request adds no second run', async () => {
  const sources = parseSources(
    'sources:\n  - id: news\n    kind: rss\n    schedule: "0 6 * * *"\n    settings: { feeds: [https://example.org/feed.xml] }\n',
    { name: 'sources.yaml', kinds: KINDS, ...environment.config.collect },
  );
  expect(await runSource('news', ACTOR, sources, environment)).toMatchObject({ outcome: 'added' });
  expect(await runSource('news', ACTOR, sources, environment)).toMatchObject({ outcome: 'running' });
  expect(await runSource('other', ACTOR, sources, environment)).toEqual({ outcome: 'unknown' });
  expect((await environment.queues.jobs.counts('collect')).waiting).toBe(1);
});

describe('the hours and bytes of the audio in the bucket', () => {
  const audio = { size: 1_000, duration: 60, format: 'mp3' };
  const store = async (number: number, storedAt = new Date()) => {
    const { database } = environment;
    const key = keyOf(number);
    await database.videos.discover([{ key, url: 'https://example.org/x', title: 'Title' }]);
    await database.videos.markDownloaded(key, 0, audio, {});
    await database.videos.markStored(key, 0, { ...audio, key: 'audio/x.mp3' });
    await database.connection
      .collection('videos')
      .updateOne({ video_id: key.videoId }, { $set: { stored_at: storedAt } });
  };
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
  const total = async () => (await environment.database.audioTotals.read()).videos;
  const count = async (now = new Date()) => await environment.database.audioTotals.count(now, never);

  test('are right before the first count, after it, and for what is stored since, at once', async () => {
    await store(1, minutesAgo(60));
    await store(2, minutesAgo(1));
    expect(await total()).toBe(2);
    expect(await count()).toEqual({ videos: 1, seconds: 60, bytes: 1_000 });
    expect(await environment.database.audioTotals.read()).toEqual({ videos: 2, seconds: 120, bytes: 2_000 });
    await store(3);
    expect(await total()).toBe(3);
    // A worker whose clock is five minutes behind.
    await store(4, minutesAgo(5));
    expect(await total()).toBe(4);
  });

  test('count a video once, however its status changes after it was stored', async () => {
    const { database } = environment;
    await store(1, minutesAgo(60));
    await count();
    const error = new PermanentError('private', 'No.');
    await database.videos.markFailed(keyOf(1), 0, { stage: 'sync', resumeAt: 'sync' }, error);
    expect(await total()).toBe(1);
    await count();
    expect(await total()).toBe(1);
    await database.videos.confirmMirrored([
      { key: keyOf(1), mirror: { container: 'c', name: 'n', etag: 'e', size: 1, md5: 'm', at: new Date() } },
    ]);
    expect(await total()).toBe(1);
  });

  test('are exact again after the next count, once videos were deleted or downloaded again', async () => {
    const { database } = environment;
    await Promise.all([1, 2, 3].map((number) => store(number, minutesAgo(60))));
    await count();
    await database.decisions.requestDeletion(keyOf(1), false);
    const [seen] = await database.videos.states([keyOf(2)]);
    if (seen === undefined) throw new Error('It is unknown.');
    await database.repairs.forgetObject(seen);
    expect(await count()).toMatchObject({ videos: 1 });
    expect(await total()).toBe(1);
  });

  test('are not changed by a count that is cut off, nor by an older one that ends late', async () => {
    await store(1, minutesAgo(60));
    await count();
    const aborted = AbortSignal.abort(new Error('stopped'));
    await store(2, minutesAgo(30));
    await expect(environment.database.audioTotals.count(new Date(), aborted)).rejects.toThrow('stopped');
    expect(await total()).toBe(1);
    await Promise.all([count(), count(), count(minutesAgo(20))]);
    expect(await total()).toBe(2);
  });

  test('of an archive so large that a count takes long rest for 20 times as long', async () => {
    const { audioTotals, connection } = environment.database;
    const start = Date.now();
    const renewAfter = async (ms: number) => (await audioTotals.renew(new Date(start + ms), never)).videos;
    await store(1, minutesAgo(60));
    expect(await renewAfter(0)).toBe(1);
    await store(2, minutesAgo(60));
    expect(await renewAfter(1_000)).toBe(2);
    await connection.collection('audio_totals').updateMany({}, { $set: { took_ms: 10_000 } });
    await store(3, minutesAgo(60));
    expect(await renewAfter(200_999)).toBe(2);
    expect(await renewAfter(201_000)).toBe(3);
  });

  test('are the same in slices of any size', async () => {
    for (let number = 1; number <= 7; number += 1) await store(number, minutesAgo(60));
    const { audioTotals, videos } = registerModels(environment.database.connection);
    for (const sliceSize of [1, 2, 3, 7, 8]) {
      await environment.database.connection.collection('audio_totals').deleteMany({});
      expect(await new AudioTotals(audioTotals, videos, sliceSize).count(new Date(), never)).toMatchObject({
        videos: 7,
      });
    }
  });
});

test('in Bull Board a failed job says our message and advice, and leads to its video', async () => {
  const dashboard = await startTestDashboard(environment);
  try {
    const { queues } = environment;
    const process = () => Promise.reject(new PermanentError('private', 'It is <b>private</b>.'));
    workers.start('download', { process }, 1);
    await queues.add('download', { ...keyOf(1), round: 0 });
    await eventually('the failure', async () => (await queues.jobs.counts('download')).failed === 1);
    const answer = await fetch(
      new URL('/queues/api/queues?activeQueue=download&status=failed&page=1&jobsPerPage=10', dashboard.url),
    );
    const body = (await answer.json()) as {
      queues: { name: string; jobs: { stacktrace: string[]; externalUrl: unknown }[] }[];
    };
    const [job] = body.queues.find(({ name }) => name === 'download')?.jobs ?? [];
    expect(job?.externalUrl).toEqual({ displayText: 'Video', href: '/videos/youtube.operate0001' });
    expect(job?.stacktrace).toEqual([
      expect.stringMatching(/^private: It is <b>private<\/b>\.\nThe owner made it private\./),
    ]);
    expect(JSON.stringify(job)).not.toContain('at ');
    const page = await (await fetch(new URL('/queues/', dashboard.url))).text();
    expect(page).not.toMatch(/<link[^>]*href="http|fonts\.g/);
  } finally {
    await dashboard.close();
  }
});
