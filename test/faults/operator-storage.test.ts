import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Client } from 'minio';
import { createDirectoryStaging } from '../../src/staging/directory-staging.ts';
import { collectStatus } from '../../src/reports/status.ts';
import { videoDocumentId, type VideoKey } from '../../src/domain/video-key.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { keepLog } from '../support/log-lines.ts';
import { startBareMinio, type BareServer } from '../support/bare-servers.ts';
import { startRealWorker } from '../support/real-workers.ts';
import { stagingProducer } from '../support/staging-producer.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { temporaryDirectory } from '../support/media-environment.ts';

const LOGIN = { accessKey: 'the-first-key', secretKey: 'the-first-secret' };
const OTHER_LOGIN = { accessKey: 'another-key', secretKey: 'another-secret' };
const KEYS = Array.from({ length: 6 }, (_, index): VideoKey => ({
  provider: 'youtube',
  videoId: `stored-${String(index).padStart(4, '0')}`,
}));

let directory: string;
let minio: BareServer;
let environment: TestEnvironment;
let workers: TestWorkers;
let log: ReturnType<typeof keepLog>;

beforeEach(async () => {
  directory = await temporaryDirectory();
  minio = await startBareMinio(directory, LOGIN);
  environment = await openTestEnvironment({
    MINIO_ENDPOINT: `http://127.0.0.1:${String(minio.port)}`,
    MINIO_ACCESS_KEY: LOGIN.accessKey,
    MINIO_SECRET_KEY: LOGIN.secretKey,
    AZURE_STORAGE_CONNECTION_STRING: '',
  });
  log = keepLog();
  workers = new TestWorkers(environment, log.logger);
  const producer = stagingProducer(createDirectoryStaging(environment.config.staging.directory), {
    ...{ sizeBytes: 50_000, seconds: 1 },
  });
  producer.release();
  const { videos } = environment.database;
  await videos.discover(KEYS.map((key) => ({ key, url: `https://example.org/${key.videoId}` })));
  for (const key of KEYS) {
    const staged = await producer.produce(key);
    await videos.markDownloaded(
      key,
      0,
      {
        ...{ size: staged.sizeBytes, duration: 1, codec: 'mp3', bitrate: 320_000, sample_rate: 44_100 },
        ...{ channels: 2, format: 'mp3', source: 'yt-dlp' },
      },
      {},
    );
  }
});

afterEach(async () => {
  await workers.stop();
  await environment.close();
  await minio.stop();
  await rm(directory, { recursive: true, force: true });
});

const client = () => new Client({ endPoint: '127.0.0.1', port: minio.port, useSSL: false, ...LOGIN });
const addUploads = async () => {
  for (const key of KEYS) await environment.queues.add('upload', { ...key, round: 0 });
};

/** Waits for the pause and several probes, and checks what they leave behind. */
async function expectPause(errorClass: string, isPaused: () => boolean): Promise<void> {
  const [pause] = await eventually(
    `a pause for ${errorClass}`,
    async () => (await collectStatus(environment.database, environment.queues)).pauses,
    (pauses) => pauses.some((found) => found.class === errorClass),
  );
  expect(pause).toMatchObject({ queue: 'upload', kind: 'fault', class: errorClass, since: expect.any(Date) });
  expect(pause?.advice).not.toBe('');
  const startsBefore = await jobStarts();
  // Probed every 0.3 s here.
  const from = Date.now();
  await eventually('several probes', () => Date.now() - from > 1_500);
  expect(isPaused()).toBe(true);
  // A missing bucket is found without a job; only a job can find that a key is valid again.
  if (errorClass === 'storage_missing') expect(await jobStarts()).toBe(startsBefore);
  expect(await environment.queues.jobs.counts('upload')).toMatchObject({ failed: 0, completed: 0 });
  const paused = log.lines.filter((line) => line.includes('Intake paused'));
  expect(paused).toHaveLength(1);
  expect(log.lines.length).toBeLessThan(20);
}

/** How often unfinished jobs were started. */
async function jobStarts(): Promise<number> {
  const jobs = await environment.queues.queue('upload').getJobs(['waiting', 'delayed', 'active']);
  return jobs.reduce((sum, job) => sum + job.attemptsStarted, 0);
}

async function expectAllStored(errorClass: string): Promise<void> {
  await eventually(
    'all uploads',
    () => environment.queues.jobs.counts('upload'),
    (counts) => counts.completed === KEYS.length,
    30_000,
  );
  for (const key of KEYS) {
    expect(await environment.database.videos.find(key)).toMatchObject({ status: 'stored', round: 0 });
    const rows = await environment.database.attempts.ofVideo(videoDocumentId(key), 10);
    // A starting MinIO may cost an attempt; the fault itself never does.
    expect(rows.filter((row) => row.error_class === errorClass)).toEqual([]);
  }
  await eventually('no pause', async () => (await environment.queues.pauses.list()).length === 0);
  expect(log.lines.filter((line) => line.includes('Intake resumed'))).toHaveLength(1);
}

describe('uploads', () => {
  test('pause when the bucket is removed, and resume when it exists again', async () => {
    const worker = await startRealWorker('upload', environment, workers, log.logger);
    await client().removeBucket(environment.config.minio.bucket);
    await addUploads();
    await expectPause('storage_missing', () => worker.pause !== undefined);
    await client().makeBucket(environment.config.minio.bucket);
    await expectAllStored('storage_missing');
  });

  test('pause when the key becomes invalid, and resume when it is valid again', async () => {
    const worker = await startRealWorker('upload', environment, workers, log.logger);
    const { port } = minio;
    await minio.stop();
    minio = await startBareMinio(directory, OTHER_LOGIN, {}, port);
    await addUploads();
    await expectPause('credentials', () => worker.pause !== undefined);
    expect(log.lines.join('\n')).not.toContain(LOGIN.secretKey);
    await minio.stop();
    minio = await startBareMinio(directory, LOGIN, {}, port);
    await expectAllStored('credentials');
  });
});
