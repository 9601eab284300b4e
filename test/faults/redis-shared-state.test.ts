import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { JobQueues } from '../../src/queues/job-queues.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import { StagingGate } from '../../src/staging/staging-gate.ts';
import { createRateLimitedPipeline } from '../../src/egress/rate-limited-pipeline.ts';
import { openEgress } from '../../src/egress/egress.ts';
import type { JobWorker } from '../../src/workers/job-worker.ts';
import { createDownloadProcessor } from '../../src/workers/processors/download.ts';
import { createDirectoryStaging } from '../../src/staging/directory-staging.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { stagingProducer } from '../support/staging-producer.ts';
import { startUrlProxy, type UrlProxy } from '../support/tcp-proxy.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

/** Jobs are taken on a direct connection; the other shared state goes through the proxy. */
let environment: TestEnvironment;
let proxy: UrlProxy;
let proxied: JobQueues;
let workers: TestWorkers;
const KEY = { provider: 'youtube', videoId: 'shared-0001' } as const;

beforeEach(async () => {
  environment = await openTestEnvironment();
  proxy = await startUrlProxy(environment.config.redis.url);
  proxied = new JobQueues({ ...environment.config.redis, url: proxy.url });
  workers = new TestWorkers({ ...environment, queues: proxied });
  await environment.database.videos.discover([
    { key: KEY, url: 'https://www.youtube.com/watch?v=shared-0001' },
  ]);
});
afterEach(async () => {
  proxy.setFault({ kind: 'none' });
  await workers.stop();
  await proxied.close();
  await proxy.close();
  await environment.close();
});

/** The caller whose requests go through the proxy; the others connect directly. */
type Caller = 'reservation' | 'start' | 'hand-over';

function start(caller: Caller, beforeEnd: () => void = () => undefined): JobWorker {
  const { config, database, queues } = environment;
  const staging = createDirectoryStaging(config.staging.directory);
  const producer = stagingProducer(staging, { sizeBytes: 1_000, seconds: 1 });
  producer.release();
  const through = (who: Caller) => (who === caller ? proxied : queues);
  const egress = openEgress(config, through('start'), createSilentLogger());
  return workers.start(
    'download',
    createDownloadProcessor({
      database,
      queues: through('hand-over'),
      retry: config.retry,
      audio: createRateLimitedPipeline(egress, {
        produce: async (key) => {
          const staged = await producer.produce(key);
          beforeEnd();
          return staged;
        },
      }),
      staging,
      gate: new StagingGate(config, through('reservation').redis, staging),
    }),
    1,
  );
}

const attempts = async () => {
  const [job] = await environment.queues.queue('download').getCompleted();
  return job?.attemptsMade;
};
const rows = () =>
  environment.database.connection
    .collection('logs')
    .find({}, { projection: { _id: 0, status: 1, attempt: 1 } })
    .toArray();

const FAULTS = [{ kind: 'refuse' }, { kind: 'silent' }] as const;
const CASES = (['reservation', 'start', 'hand-over'] as const).flatMap((caller) =>
  FAULTS.map((fault) => [caller, fault] as const),
);

test.each(CASES)(
  'a Redis that fails during the %s (%j) costs no attempt; the worker takes no jobs until it answers',
  async (caller, fault) => {
    const fail = () => {
      proxy.setFault(fault);
    };
    const worker = start(caller, caller === 'hand-over' ? fail : undefined);
    if (caller !== 'hand-over') fail();
    await environment.queues.add('download', { ...KEY, round: 0 });
    await eventually('the pause', () => worker.pause?.errorClass === 'redis_unavailable', Boolean, 30_000);
    // The probe uses it too: the job is not retried repeatedly meanwhile.
    const started = (await environment.queues.queue('download').getDelayed())[0]?.attemptsStarted;
    expect(started ?? 1).toBeLessThanOrEqual(2);
    proxy.setFault({ kind: 'none' });
    await eventually(
      'the upload job',
      async () => (await environment.queues.jobs.counts('upload')).waiting === 1,
      Boolean,
      30_000,
    );
    await eventually('the end of the job', attempts, (made) => made === 1);
    expect(await environment.database.videos.find(KEY)).toMatchObject({ status: 'downloaded', round: 0 });
    expect(await rows()).toEqual([{ status: 'success', attempt: 1 }]);
    await eventually('the end of the pause', () => worker.pause === undefined);
  },
);
