import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { callsBetween, startCountedWorker, type CountedWorker } from '../support/counted-worker-process.ts';
import { CALLED_SERVERS, totalCalls, type CalledServer } from '../support/call-counts.ts';
import { sendThrough } from '../support/counted-videos.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

/**
 * The most calls that a video may cost from its download job to its blob, with one worker. What makes them more is found here and
 * not on the bill; who makes them fewer lowers the bound. What jobs say at the same time is one call, and how much that is depends
 * on the machine: measured are 11 to 12 calls to Redis and about 5 to MongoDB, fewer under load.
 */
const MOST_CALLS: Readonly<Record<CalledServer, number>> = {
  // Most of them are BullMQ's: to take a job that waits, to find that no other does, to end it, to add the next one.
  redis: 15,
  // For each stage the video, its attempt and its new status, several videos at once; the settings of the playlist.
  mongodb: 8,
  // Is it there? Store it; is it there now? Read it for the mirror.
  minio: 4,
  // Is it there? Store it.
  azure: 2,
};
const ITEMS = 20;
const DEADLINE_MS = 60_000;

let environment: TestEnvironment;
let worker: CountedWorker | undefined;

beforeEach(async () => {
  // A lock that is renewed in the meantime would count.
  environment = await openTestEnvironment({ JOB_LOCK_SECONDS: '60' });
});

afterEach(async () => {
  await worker?.stop();
  worker = undefined;
  await environment.close();
});

test('a video costs no more calls to the servers than it did', async () => {
  const { variables, directory } = environment;
  worker = await startCountedWorker(variables, path.join(directory, 'worker.log'));
  // The first ones open connections and load scripts.
  await sendThrough(environment, 0, 2, DEADLINE_MS);
  const before = await worker.report();
  await sendThrough(environment, 2, ITEMS, DEADLINE_MS);
  const after = await worker.report();

  const calls = callsBetween(before.calls, after.calls);
  const perItem = Object.entries(totalCalls(calls)).map(
    ([server, total]) => [server, total / ITEMS] as const,
  );
  const tooMany = perItem.filter(([server, count]) => count > MOST_CALLS[server as CalledServer]);
  // The names of the calls say what has become more.
  expect({ tooMany, calls: tooMany.length === 0 ? [] : calls }).toEqual({ tooMany: [], calls: [] });
  // Nothing was counted that was not called.
  for (const server of CALLED_SERVERS) expect(calls[server].size).toBeGreaterThan(0);
});
