import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Worker, type Job } from 'bullmq';
import { addDownloads, addDownloadsByHand, LISTS } from '../../src/backlog/add-downloads.ts';
import { fillWindow } from '../../src/backlog/fill-window.ts';
import { WITHOUT_PRIORITY } from '../../src/domain/download-priority.ts';
import { parseVideoDocumentId, videoDocumentId, type VideoKey } from '../../src/domain/video-key.ts';
import { rangeOf } from '../../src/queues/download-numbers.ts';
import { DownloadWindow } from '../../src/queues/download-window.ts';
import { stageJobId } from '../../src/queues/job-ids.ts';
import { withRedisLock } from '../../src/queues/redis-lock.ts';
import { readQueueStates } from '../../src/reports/queue-states.ts';
import { eventually } from '../support/eventually.ts';
import {
  addressOf,
  keyOf,
  openReconcileEnvironment,
  type ReconcileEnvironment,
} from '../support/reconcile-environment.ts';
import { insertVideos, videoRecord } from '../support/video-records.ts';

const WINDOW = 20;
const FILL_AFTER = 5;

let environment: ReconcileEnvironment;
let worker: Worker;
let nextVideo: number;
let taken: number;

beforeEach(async () => {
  environment = await openReconcileEnvironment();
  const { redis } = environment.config;
  worker = new Worker('download', undefined, { connection: { url: redis.url }, prefix: redis.prefix });
  nextVideo = 0;
  taken = 0;
});
afterEach(async () => {
  await worker.close();
  await environment.close();
});

/** Records videos of a list. */
async function discover(count: number): Promise<VideoKey[]> {
  const keys = Array.from({ length: count }, (_, index) => keyOf(nextVideo + index));
  nextVideo += count;
  await environment.database.videos.discover(keys.map((key) => ({ key, url: addressOf(key) })));
  return keys;
}

/** As a producer: records videos, puts them into the backlog, and fills the window as far as it is smaller here. */
async function add(list: string, count: number, priority?: number): Promise<Set<string>> {
  const keys = await discover(count);
  const downloads = keys.map((key) => ({ key, round: 0 }));
  await addDownloads(downloads, { list, ...(priority !== undefined && { priority }) }, environment);
  return new Set(keys.map(videoDocumentId));
}

const fill = () => fillWindow(environment, new DownloadWindow(environment.queues, WINDOW));
const waitingJobs = async () => (await environment.queues.jobs.counts('download')).waiting;

/** Keeps the producers from filling the window as large as it is outside of these tests. */
async function withSmallWindow<T>(work: () => Promise<T>): Promise<T> {
  const { redis, prefix } = environment.queues;
  const lock = `${prefix}:download-window:lock`;
  // As if this one did what the producers ask for, for which they wait.
  await redis.set(`${prefix}:download-window:served`, Number.MAX_SAFE_INTEGER);
  const done = await withRedisLock(redis, lock, 60_000, async () => ({ result: await work() }));
  if (done === undefined) throw new Error('The lock is held.');
  await fill();
  return done.result;
}

/** BullMQ's type does not say that there may be none. */
const nextJob = (): Promise<Job | undefined> => worker.getNextJob('test-token', { block: false });

/** Takes the next job as a worker does, and ends it with its video recorded. @returns the `_id` of the video */
async function takeNext(): Promise<string | undefined> {
  // As workers do: now and then, and when none is left.
  if (taken % FILL_AFTER === 0) await fill();
  taken += 1;
  const job = (await nextJob()) ?? ((await fill()) > 0 ? await nextJob() : undefined);
  if (job === undefined) return undefined;
  const { provider, videoId, round } = job.data as { provider: string; videoId: string; round: number };
  const id = `${provider}.${videoId}`;
  const key = parseVideoDocumentId(id);
  if (key === undefined) throw new Error(`${id} is no video.`);
  await environment.database.videos.markDownloaded(key, round, { size: 1, format: 'mp3' }, {});
  await job.moveToCompleted('', 'test-token', false);
  return id;
}

/** Takes jobs until none is left. @returns which list each belonged to */
async function takeAll(
  lists: Readonly<Record<string, ReadonlySet<string>>>,
  most = Infinity,
): Promise<string[]> {
  const started: string[] = [];
  while (started.length < most) {
    const id = await takeNext();
    if (id === undefined) break;
    started.push(Object.entries(lists).find(([, ids]) => ids.has(id))?.[0] ?? 'unknown');
  }
  return started;
}

/** The most starts of each other list between two starts of one list, while both have videos that wait. */
function longestWait(started: readonly string[], list: string, other: string): number {
  const last = Math.min(started.lastIndexOf(list), started.lastIndexOf(other));
  let [longest, since] = [0, 0];
  for (const each of started.slice(started.indexOf(list), last + 1)) {
    if (each === list) since = 0;
    else if (each === other) since += 1;
    longest = Math.max(longest, since);
  }
  return longest;
}

describe('playlists of one priority', () => {
  test('take turns: a short one that is added later waits for no more than two starts of each other', async () => {
    const long = await withSmallWindow(() => add('long', 80));
    const before = await takeAll({ long }, 15);
    expect(before).toEqual(before.map(() => 'long'));
    const other = await withSmallWindow(() => add('other', 30));
    const short = await withSmallWindow(() => add('short', 10));
    const started = await takeAll({ long, other, short });
    expect(started).toHaveLength(80 - 15 + 30 + 10);
    expect(started.slice(0, 4)).toContain('short');
    for (const list of ['long', 'other', 'short']) {
      for (const another of ['long', 'other', 'short']) {
        if (list !== another) expect(longestWait(started, list, another)).toBeLessThanOrEqual(2);
      }
    }
    expect(started.lastIndexOf('short')).toBeLessThan(2 * 10 * 3);
  });

  test('one that had nothing left begins where the others are, not where it ended', async () => {
    const first = await withSmallWindow(() => add('first', 40));
    await takeAll({ first });
    const second = await withSmallWindow(() => add('second', 30));
    const again = await withSmallWindow(() => add('first', 5));
    const started = await takeAll({ second, again });
    expect(started.indexOf('again')).toBeLessThan(3);
    expect(started.lastIndexOf('again')).toBeLessThan(12);
  });

  test('a video that is found again keeps its place', async () => {
    const keys = await discover(60);
    const downloads = keys.map((key) => ({ key, round: 0 }));
    await withSmallWindow(() => addDownloads(downloads, { list: 'one' }, environment));
    const before = await environment.database.backlog.first(100);
    expect(before).toHaveLength(60 - WINDOW);
    await withSmallWindow(() => addDownloads(downloads.slice(0, WINDOW), { list: 'one' }, environment));
    await withSmallWindow(() => addDownloads(downloads, { list: 'other' }, environment));
    expect(await environment.database.backlog.first(100)).toEqual(before);
    expect(await waitingJobs()).toBe(WINDOW);
  });
});

describe('the order of priorities', () => {
  test('what a person asks for comes before all others, also with a full window', async () => {
    const long = await withSmallWindow(() => add('long', 100));
    const strong = await withSmallWindow(() => add('strong', 3, 1));
    const keys = await discover(2);
    const byHand = new Set(keys.map(videoDocumentId));
    const downloads = keys.map((key) => ({ key, round: 0 }));
    await withSmallWindow(() => addDownloadsByHand(downloads, environment));
    const started = await takeAll({ long, strong, byHand }, 7);
    expect(started).toEqual(['byHand', 'byHand', 'strong', 'strong', 'strong', 'long', 'long']);
  });

  test('a video that waits comes first once a person asks for it, whether it has a job or not', async () => {
    const long = [...(await withSmallWindow(() => add('long', 50)))];
    const last = [long[WINDOW - 1] ?? '', long[49] ?? ''];
    const downloads = last.flatMap((id) => {
      const key = parseVideoDocumentId(id);
      return key === undefined ? [] : [{ key, round: 0 }];
    });
    await withSmallWindow(() => addDownloadsByHand(downloads, environment));
    expect(new Set([await takeNext(), await takeNext()])).toEqual(new Set(last));
  });

  test('numbers that are used up begin anew, and what comes back then comes first', async () => {
    const { queues, database } = environment;
    const range = rangeOf(WITHOUT_PRIORITY);
    const window = new DownloadWindow(queues, WINDOW);
    await withSmallWindow(() => add('one', 4));
    // The second job, whose number is not the first.
    await takeNext();
    const job = await nextJob();
    await job?.moveToDelayed(Date.now() + 600_000, 'test-token');
    // As after a million turns.
    await window.reserveTurns(WITHOUT_PRIORITY, 'one', range.end - range.start, () => Promise.resolve(0));
    const late = await withSmallWindow(() => add('one', 30));
    expect(await waitingJobs()).toBe(2);
    expect(await database.backlog.count()).toBe(30);
    await takeNext();
    expect(await takeNext()).toBeDefined();
    await fill();
    expect(await waitingJobs()).toBe(WINDOW);
    expect((await queues.queue('download').getJob(job?.id ?? ''))?.priority).toBe(range.start);
    expect(await takeAll({ late })).toHaveLength(30);
  });
});

describe('the window', () => {
  test('has no more jobs than its size, however long the backlog is; the rest is counted as waiting', async () => {
    await withSmallWindow(() => add('long', 300));
    expect(await waitingJobs()).toBe(WINDOW);
    await fill();
    expect(await waitingJobs()).toBe(WINDOW);
    const { queues } = await readQueueStates(environment.database, environment.queues, new Date());
    expect(queues.download.waiting).toBe(300);
    expect(await environment.database.backlog.count()).toBe(300 - WINDOW);
  });

  test('a record that no job can be for does not keep the others waiting', async () => {
    // More of them than are looked at at once.
    const foreign = Array.from({ length: 2 * WINDOW }, (_, number) => ({
      ...videoRecord(1_000 + number),
      _id: `not a video ${String(number)}`,
      backlog_order: 0,
    }));
    await insertVideos(environment.database, foreign);
    const own = await withSmallWindow(() => add('own', 3));
    expect(await takeAll({ own })).toEqual(['own', 'own', 'own']);
  });

  test('does what was asked for while another process filled it', async () => {
    const window = new DownloadWindow(environment.queues, WINDOW);
    const { redis, prefix } = environment.queues;
    const requests = () => redis.get(`${prefix}:download-window:requests`);
    let runs = 0;
    let asked: Promise<void> | undefined;
    const fillOnce = async () => {
      runs += 1;
      if (asked !== undefined) return;
      const before = await requests();
      asked = window.exclusively(fillOnce);
      await eventually('the second request', requests, (number) => number !== before);
    };
    await window.exclusively(fillOnce);
    await asked;
    // By this one or by the other one, whoever has the lock next.
    expect(runs).toBeGreaterThan(1);
  });

  test('is filled by the next process when the one that filled it has died', async () => {
    const { redis, prefix } = environment.queues;
    await redis.set(`${prefix}:download-window:lock`, 'of a dead process', 'PX', 1_000);
    await add('own', 3);
    expect(await waitingJobs()).toBe(3);
  });

  test('is filled again after Redis was emptied; nothing is lost', async () => {
    const long = await withSmallWindow(() => add('long', 60));
    await takeAll({ long }, 15);
    await fill();
    await environment.queues.queue('download').obliterate({ force: true });
    const { redis, prefix } = environment.queues;
    for (const key of await redis.keys(`${prefix}:download-window*`)) await redis.del(key);
    const { videos } = await environment.reconcile({ passes: ['videos'] });
    // Those that were taken have no job for their upload either.
    expect(videos).toMatchObject({ jobs: WINDOW + 15, carried: 0 });
    expect(await takeAll({ long })).toHaveLength(45);
  });
});

describe('reconcile', () => {
  test('leaves what waits in the backlog to it, and fills the window', async () => {
    await withSmallWindow(() => add('long', 50));
    expect((await environment.reconcile({ passes: ['videos'], dryRun: true })).videos).toMatchObject({
      ...{ examined: WINDOW, carried: WINDOW, jobs: 0 },
      backlog: 50 - WINDOW,
    });
    await environment.reconcile({ passes: ['videos'] });
    expect(await waitingJobs()).toBe(50);
  });

  test('gives a video whose job was lost a place again', async () => {
    const [key] = await discover(1);
    if (key === undefined) throw new Error('There is no video.');
    await addDownloads([{ key, round: 0 }], { list: LISTS.single }, environment);
    await environment.queues.jobs.remove('download', stageJobId('download', key, 0));
    expect((await environment.reconcile({ passes: ['videos'] })).videos).toMatchObject({ jobs: 1 });
    expect(await waitingJobs()).toBe(1);
  });
});
