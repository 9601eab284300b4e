import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { videoDocumentId } from '../../src/domain/video-key.ts';
import { WINDOW_SIZE } from '../../src/queues/download-window.ts';
import type { JobLookup } from '../../src/queues/job-lookup.ts';
import {
  addressOf,
  keyOf,
  openReconcileEnvironment,
  type ReconcileEnvironment,
} from '../support/reconcile-environment.ts';

const VIDEOS = 20_000;
/** All videos in memory would take more than twice that. */
const MOST_GROWTH_BYTES = 5 * 1024 ** 2;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let environment: ReconcileEnvironment;

beforeEach(async () => {
  environment = await openReconcileEnvironment();
});
afterEach(() => environment.close());

/** Measures the heap whenever reconcile looks up jobs. @returns the sizes in bytes, one more for each look-up. */
function measureHeap(jobs: JobLookup): number[] {
  const heap: number[] = [];
  const presence = jobs.presence.bind(jobs);
  jobs.presence = async (...args) => {
    collectGarbage();
    heap.push(process.memoryUsage().heapUsed);
    return await presence(...args);
  };
  return heap;
}

test('the memory of a reconcile does not grow with the number of videos', async () => {
  const now = new Date();
  for (let start = 0; start < VIDEOS; start += 5_000) {
    const rows = Array.from({ length: 5_000 }, (_, index) => {
      const key = keyOf(start + index);
      return {
        _id: videoDocumentId(key) as never,
        provider: key.provider,
        video_id: key.videoId,
        url: addressOf(key),
        title: 'A title that is not read',
        status: 'discovered',
        round: 0,
        first_round: 0,
        retry_attempts: 0,
        created_at: now,
        updated_at: now,
      };
    });
    await environment.database.connection.collection('videos').insertMany(rows);
  }
  const heap = measureHeap(environment.queues.jobs);
  const report = await environment.reconcile({ passes: ['videos'] });
  expect(report).toMatchObject({
    videos: { examined: VIDEOS, jobs: VIDEOS, carried: 0, backlog: VIDEOS - WINDOW_SIZE },
    problems: [],
  });
  expect(heap.length).toBeGreaterThan(VIDEOS / 1_000);
  // The first look-ups still load code.
  const [first = 0, ...later] = heap.slice(4);
  expect(Math.max(first, ...later) - first).toBeLessThan(MOST_GROWTH_BYTES);
  // Those that wait for a job are not examined again.
  expect((await environment.reconcile({ passes: ['videos'] })).videos).toMatchObject({
    ...{ examined: WINDOW_SIZE, jobs: 0, carried: WINDOW_SIZE },
    backlog: VIDEOS - WINDOW_SIZE,
  });
}, 300_000);
