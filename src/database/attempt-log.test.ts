import { expect, test } from '@jest/globals';
import type { Model } from 'mongoose';
import { AttemptLog } from './attempt-log.ts';
import type { LogDocument } from './collections/log.ts';

function rowOf(videoId: string): LogDocument {
  return {
    video_id: videoId,
    url: `https://www.youtube.com/watch?v=${videoId}`,
    status: 'success',
    timestamp: new Date(),
    retry_attempts: 0,
    stage: 'download',
    round: 0,
    attempt: 1,
    duration_ms: 1,
    worker: 'one',
  };
}

/** A model that refuses a batch with this error, and then these rows. */
function createLog(refusal?: Error, refused: readonly string[] = []) {
  const batches: string[][] = [];
  const alone: string[] = [];
  const model = {
    insertMany: (rows: readonly LogDocument[]) => {
      batches.push(rows.map((row) => row.video_id));
      return refusal === undefined ? Promise.resolve() : Promise.reject(refusal);
    },
    create: (row: LogDocument) => {
      alone.push(row.video_id);
      if (refused.includes(row.video_id)) return Promise.reject(new Error('refused'));
      // It was in the batch that was refused because of another.
      return Promise.reject(Object.assign(new Error('duplicate'), { code: 11_000 }));
    },
  };
  return { log: new AttemptLog(model as unknown as Model<LogDocument>), batches, alone };
}

const IDS = ['one', 'two', 'three'];
const recordAll = async (log: AttemptLog) =>
  (await Promise.allSettled(IDS.map((id) => log.record(rowOf(id))))).map(({ status }) => status);

test('attempts that end at the same time are one request', async () => {
  const { log, batches } = createLog();
  expect(await recordAll(log)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
  expect(batches).toEqual([IDS]);
});

test('one that is refused does not stop the others, which are written once', async () => {
  const { log, alone } = createLog(new Error('one is refused'), ['two']);
  expect(await recordAll(log)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(alone).toEqual(IDS);
});

test('without MongoDB all wait for it, and nothing is tried again at once', async () => {
  const lost = Object.assign(new Error('connection lost'), { name: 'MongoNetworkError' });
  const { log, alone } = createLog(lost);
  expect(await recordAll(log)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(alone).toEqual([]);
});
