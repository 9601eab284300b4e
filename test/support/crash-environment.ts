import path from 'node:path';
import { expect } from '@jest/globals';
import { QUEUE_NAMES } from '../../src/domain/queues.ts';
import { videoDocumentId, type VideoKey } from '../../src/domain/video-key.ts';
import { openStaging } from '../../src/staging/open-staging.ts';
import type { Staging } from '../../src/staging/staging.ts';
import type { AzureBlobStore } from '../../src/storage/azure-blob-store.ts';
import type { MinioStore } from '../../src/storage/minio-store.ts';
import type { ObjectInfo } from '../../src/storage/object-store.ts';
import { openAzureStore, openMinioStore } from '../../src/storage/open-stores.ts';
import { addDownloads } from './add-downloads.ts';
import { eventually } from './eventually.ts';
import { listAll } from '../contract/test-stores.ts';
import { filesBelow } from './media-environment.ts';
import { Programs, type Program } from './program.ts';
import { openTestEnvironment, type TestEnvironment } from './test-environment.ts';
import { readAudioNotes } from './test-worker-audio.ts';
import { AUDIO_NOTES_FILE, type KillPoint, type TestWorkerPlan } from './test-worker-plan.ts';
import { RECOVERY_DEADLINE_MS, startTestWorker, waitForKill } from './test-worker-process.ts';

type Plan = Partial<TestWorkerPlan>;

const never = new AbortController().signal;
const VIDEO_QUEUES = QUEUE_NAMES.filter((name) => name !== 'maintenance');

/** A test environment with worker processes that are killed at a given step, and the invariant that holds afterwards. */
export class CrashEnvironment {
  readonly environment: TestEnvironment;
  readonly staging: Staging;
  readonly bucket: MinioStore;
  readonly mirror: AzureBlobStore;
  readonly #programs = new Programs();

  private constructor(environment: TestEnvironment) {
    this.environment = environment;
    const { config } = environment;
    if (config.azure === undefined) throw new Error('The tests need an Azure.');
    this.bucket = openMinioStore(config.minio, config.storage);
    this.staging = openStaging(config.staging, () => this.bucket);
    this.mirror = openAzureStore(config.azure, config.storage);
  }

  static async open(overrides: Readonly<Record<string, string>> = {}): Promise<CrashEnvironment> {
    // With a shorter lock a job on a busy machine would seem lost while its worker lives.
    const crash = new CrashEnvironment(
      await openTestEnvironment({ JOB_LOCK_SECONDS: '2', LOG_LEVEL: 'info', ...overrides }),
    );
    await Promise.all([crash.bucket.ensureContainer(never), crash.mirror.ensureContainer(never)]);
    return crash;
  }

  async close(): Promise<void> {
    await this.#programs.end();
    this.bucket.close();
    this.mirror.close();
    await this.environment.close();
  }

  /** Starts a worker process; without reconcile unless the plan says otherwise: jobs must recover by themselves. */
  run(plan: Plan = {}, variables: Readonly<Record<string, string>> = {}): Program {
    return startTestWorker(
      this.#programs,
      { queues: VIDEO_QUEUES, ...plan },
      { directory: this.environment.directory, variables: { ...this.environment.variables, ...variables } },
    );
  }

  /** Runs a worker process until it has been killed at that step. */
  async runUntilKill(kill: KillPoint, plan: Plan = {}): Promise<void> {
    await waitForKill(this.run({ ...plan, kill }));
  }

  /** A video that has just been found. */
  async discover(key: VideoKey): Promise<void> {
    await this.environment.database.videos.discover([
      { key, url: `https://www.youtube.com/watch?v=${key.videoId}`, title: 'A title' },
    ]);
  }

  /** Videos that have just been found, with their download jobs. */
  async addDownloads(...keys: readonly VideoKey[]): Promise<void> {
    await addDownloads(this.environment, keys);
  }

  async video(key: VideoKey) {
    return await this.environment.database.videos.find(key);
  }

  async videoIn(key: VideoKey, status: string, deadlineMs = RECOVERY_DEADLINE_MS) {
    return await eventually(
      `the status ${status}`,
      () => this.video(key),
      (video) => video?.status === status,
      deadlineMs,
    );
  }

  /** The video id of each time that audio was started, in this order. */
  audioStarts(): string[] {
    return readAudioNotes(path.join(this.environment.directory, AUDIO_NOTES_FILE));
  }

  /** Waits until audio has been started so many times. */
  async waitForAudioStarts(count: number): Promise<void> {
    const isStarted = () => this.audioStarts().length >= count;
    await eventually(`${String(count)} starts of audio`, isStarted, Boolean, RECOVERY_DEADLINE_MS);
  }

  async objects(): Promise<{ readonly bucket: ObjectInfo[]; readonly mirror: ObjectInfo[] }> {
    // Peaks stand beside the audio and are not mirrored.
    const bucket = (await listAll(this.bucket)).filter(({ name }) => name.startsWith('audio/'));
    return { bucket, mirror: await listAll(this.mirror) };
  }

  /** All files below the staging directory except the file with its id, and all objects of staging in the bucket. */
  async stagedFiles(): Promise<string[]> {
    const files = await filesBelow(this.environment.config.staging.directory).catch(() => []);
    const objects = (await listAll(this.bucket)).filter(({ name }) => name.startsWith('staging/'));
    return [...files.filter((file) => file !== '.staging-id'), ...objects.map(({ name }) => name)];
  }

  /** Whether no queue has a job that waits, runs or is delayed. */
  async isIdle(): Promise<boolean> {
    const counts = await Promise.all(VIDEO_QUEUES.map((name) => this.environment.queues.jobs.counts(name)));
    return counts.every(({ waiting, active, delayed }) => waiting + active + delayed === 0);
  }

  /**
   * The invariant once a video is mirrored: one complete object and one equal blob, nothing staged, no job left.
   * @returns the attempts, oldest first.
   */
  async expectMirroredOnce(key: VideoKey, sizeBytes = 64 * 1024) {
    const video = await this.videoIn(key, 'mirrored');
    await eventually('quiet queues', () => this.isIdle(), Boolean, RECOVERY_DEADLINE_MS);
    const { bucket, mirror } = await this.objects();
    const name = `audio/${key.provider}/${key.videoId}.mp3`;
    expect(bucket).toMatchObject([{ name, sizeBytes }]);
    expect(mirror).toMatchObject([{ name, sizeBytes, md5: video?.audio?.md5 }]);
    expect(await this.bucket.stat(name, never)).toMatchObject({
      md5: video?.audio?.md5,
      metadata: expect.objectContaining({ sha256: video?.audio?.sha256 }),
    });
    expect(await this.stagedFiles()).toEqual([]);
    const rows = await this.environment.database.attempts.ofVideo(videoDocumentId(key), 100);
    return rows.reverse();
  }
}
