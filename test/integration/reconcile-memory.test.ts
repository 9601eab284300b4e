import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { videoDocumentId } from '../../src/domain/video-key.ts';
import type { JobQueues } from '../../src/queues/job-queues.ts';
import { addressOf, keyOf, openReconcileTest, type ReconcileTest } from '../support/reconcile-setting.ts';
import { openTestSetting, type TestEnvironment } from '../support/test-environment.ts';

const VIDEOS = 20_000;
/** Kept, the videos alone would take more than twice that. */
const MOST_GROWTH_BYTES = 5 * 1024 ** 2;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let setting: TestEnvironment;
let places: ReconcileTest;

beforeEach(async () => {
  setting = await openTestSetting();
  places = await openReconcileTest(setting);
});
afterEach(async () => {
  places.store.close();
  await setting.close();
});

/** The queues, telling how large the heap is whenever jobs are looked up. */
function watched(queues: JobQueues, onLookUp: (heapBytes: number) => void): JobQueues {
  return new Proxy(queues, {
    get: (target, name) => {
      if (name === 'presence') {
        collectGarbage();
        onLookUp(process.memoryUsage().heapUsed);
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
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
    await setting.database.connection.collection('videos').insertMany(rows);
  }
  for (const expected of [
    { jobs: VIDEOS, carried: 0 },
    { jobs: 0, carried: VIDEOS },
  ]) {
    const heap: number[] = [];
    const queues = watched(setting.queues, (bytes) => heap.push(bytes));
    const report = await places.run({ queues, passes: ['videos'] });
    expect(report).toMatchObject({
      videos: { examined: VIDEOS, ...expected },
      problems: [],
    });
    expect(heap.length).toBeGreaterThan(VIDEOS / 1_000);
    // The first looks still load code.
    const settled = heap.slice(4);
    expect(Math.max(...settled) - (settled[0] ?? 0)).toBeLessThan(MOST_GROWTH_BYTES);
  }
}, 300_000);
