import { describe, expect, test } from '@jest/globals';
import type { Database } from '../database/database.ts';
import { OperatorError } from '../domain/job-errors.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { currentAlerts, type AlertDependencies } from './conditions.ts';

const AT = new Date('2026-01-02T03:04:05Z');
const PAUSE = {
  ...{ queue: 'upload', worker: 'w', host: 'h', kind: 'fault', class: 'disk_full' },
  ...{ reason: 'Full.', advice: 'Free some.', since: AT },
};
const away = () => Promise.reject(new OperatorError('record_unavailable', 'It is away.'));

/** Fails for whatever is asked of a server that is away. */
const AWAY: unknown = new Proxy(
  {},
  { get: (_target, name) => (name === 'prefix' ? 'p' : new Proxy(away, { get: () => away })) },
);

const database = (isAway: boolean) =>
  (isAway
    ? AWAY
    : {
        videoCounts: {
          failuresByClass: () =>
            Promise.resolve({ counts: [{ errorClass: 'private', count: 9 }], countedAt: undefined }),
        },
        overview: { oldestUnmirrored: () => Promise.resolve(new Date(0)) },
        sources: { all: () => Promise.resolve([]) },
        documentCounts: { bySource: () => Promise.resolve({ counts: new Map(), countedAt: undefined }) },
        snapshots: { recent: () => Promise.resolve([]), withStatus: () => Promise.resolve([]) },
      }) as Database;

const queues = (isAway: boolean) =>
  (isAway
    ? AWAY
    : {
        pauses: { list: () => Promise.resolve([PAUSE]) },
        redis: {
          ping: () => Promise.resolve('PONG'),
          info: () => Promise.resolve('used_memory:95\nmaxmemory:100'),
          hgetall: away,
        },
      }) as JobQueues;

const store = (isAway: boolean) =>
  ({
    list: async function* () {
      if (isAway) await away();
      yield [];
    },
  }) as unknown as ObjectStore;

async function evaluate(
  mongoIsAway: boolean,
  redisIsAway: boolean,
  minioIsAway = false,
  azureIsAway = false,
) {
  const config = {
    alerts: { failedLimit: 1, mirrorLagMs: 1000, stagingFullMs: 1000, webhook: undefined },
    azure: {},
  } as unknown as AlertDependencies['config'];
  const dependencies = {
    ...{ config, database: database(mongoIsAway), queues: queues(redisIsAway) },
    ...{ store: store(minioIsAway), mirror: store(azureIsAway) },
  };
  return await currentAlerts(dependencies, AT, new AbortController().signal);
}

describe('alerts while a server is away', () => {
  test('MongoDB: the others are evaluated, and an alert says that it is away', async () => {
    const { alerts, isUnknown } = await evaluate(true, false);
    const keys = alerts.map(({ key }) => key);
    expect(keys).toEqual(
      expect.arrayContaining(['paused.upload.disk_full', 'redis.maxmemory', 'server.mongodb']),
    );
    expect(alerts.find(({ key }) => key === 'server.mongodb')).toMatchObject({
      title: 'MongoDB does not answer',
      message: expect.stringContaining('It is away.'),
    });
    expect(['failed', 'mirror-lag', 'source.a', 'snapshot'].map(isUnknown)).toEqual([true, true, true, true]);
    expect(['paused.upload.disk_full', 'redis.maxmemory'].map(isUnknown)).toEqual([false, false]);
  });

  test('Redis: the others are evaluated, and an alert says that it is away', async () => {
    const { alerts, isUnknown } = await evaluate(false, true);
    expect(alerts.map(({ key }) => key)).toEqual(['failed', 'mirror-lag', 'server.redis']);
    expect(['paused.a', 'full.a', 'circuit.a', 'redis.maxmemory', 'failed'].map(isUnknown)).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
  });

  test('both: two alerts, however many conditions fail', async () => {
    const { alerts } = await evaluate(true, true);
    expect(alerts.map(({ key }) => key).sort()).toEqual(['server.mongodb', 'server.redis']);
  });

  test.each([
    ['MinIO', true, false, 'Uploads and copies wait'],
    ['Azure', false, true, 'Nothing is mirrored'],
  ])('%s: the others are evaluated, and an alert says that it is away', async (name, minio, azure, said) => {
    const { alerts, isUnknown } = await evaluate(false, false, minio, azure);
    const key = `server.${name.toLowerCase()}`;
    expect(alerts.filter((alert) => alert.key === key)).toEqual([
      expect.objectContaining({
        key,
        title: `${name} does not answer`,
        message: expect.stringContaining(said),
      }),
    ]);
    expect(alerts.map((alert) => alert.key)).toEqual(expect.arrayContaining(['failed', 'redis.maxmemory']));
    expect(isUnknown('failed')).toBe(false);
  });
});
