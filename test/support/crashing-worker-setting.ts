import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from '@jest/globals';
import type { z } from 'zod';
import type { AzureBlobStore } from '../../src/storage/azure-blob-store.ts';
import { openAzureStore, openMinioStore } from '../../src/storage/open-stores.ts';
import type { ObjectInfo } from '../../src/storage/object-store.ts';
import { createStaging, type Staging } from '../../src/staging/staging.ts';
import { QUEUE_NAMES } from '../../src/queues/catalogue.ts';
import { videoDocumentId, type VideoKey } from '../../src/domain/video-key.ts';
import type { MinioStore } from '../../src/storage/minio-store.ts';
import { beginnings } from './crashing-worker-audio.ts';
import type { crashPlanSchema, Death } from './crashing-worker-plan.ts';
import { eventually } from './eventually.ts';
import { filesBelow } from './media-setting.ts';
import { startScript, type Program } from './program.ts';
import { openTestSetting, type TestEnvironment } from './test-environment.ts';

type Plan = Partial<z.input<typeof crashPlanSchema>>;

const never = new AbortController().signal;
const VIDEO_QUEUES = QUEUE_NAMES.filter((name) => name !== 'maintenance');
const WORKER = new URL('crashing-worker.ts', import.meta.url);
/** The start of a process on a busy machine, two passes over lost jobs, the work itself. */
const RECOVERY_DEADLINE_MS = 45_000;

/** A test setting with worker processes that die at a given step, and the invariant that holds afterwards. */
export class CrashSetting {
  readonly setting: TestEnvironment;
  readonly staging: Staging;
  readonly bucket: MinioStore;
  readonly mirror: AzureBlobStore;
  readonly #programs: Program[] = [];

  private constructor(setting: TestEnvironment) {
    this.setting = setting;
    const { config } = setting;
    if (config.azure === undefined) throw new Error('The tests need an Azure.');
    this.staging = createStaging(config.staging.directory);
    this.bucket = openMinioStore(config.minio, config.storage);
    this.mirror = openAzureStore(config.azure, config.storage);
  }

  static async open(overrides: Readonly<Record<string, string>> = {}): Promise<CrashSetting> {
    // With a shorter lock a job on a busy machine would seem lost while its worker lives.
    const crash = new CrashSetting(
      await openTestSetting({ JOB_LOCK_SECONDS: '2', LOG_LEVEL: 'info', ...overrides }),
    );
    await Promise.all([crash.bucket.ensureContainer(never), crash.mirror.ensureContainer(never)]);
    return crash;
  }

  async close(): Promise<void> {
    for (const program of this.#programs) program.kill('SIGKILL');
    await Promise.all(this.#programs.map((program) => program.ended));
    this.bucket.close();
    this.mirror.close();
    await this.setting.close();
  }

  /** Starts a worker process; without reconcile unless the plan says otherwise: jobs must mend themselves. */
  run(plan: Plan = {}, variables: Readonly<Record<string, string>> = {}): Program {
    const text = JSON.stringify({ queues: VIDEO_QUEUES, ...plan });
    const { directory } = this.setting;
    const program = startScript(WORKER, [text], {
      directory,
      variables: { ...this.setting.variables, ...variables },
    });
    this.#programs.push(program);
    return program;
  }

  /** Runs a worker process until it has been killed at that step. */
  async runUntilDeath(death: Death, plan: Plan = {}): Promise<void> {
    const program = this.run({ ...plan, death });
    const ended = await Promise.race([
      program.ended,
      delay(RECOVERY_DEADLINE_MS, 'nothing within the deadline', { ref: false }),
    ]);
    if (ended !== 'SIGKILL') throw new Error(`It ended with ${String(ended)}:\n${program.stderr()}`);
  }

  /** A video that has just been found. */
  async discover(key: VideoKey): Promise<void> {
    await this.setting.database.videos.discover([
      { key, url: `https://www.youtube.com/watch?v=${key.videoId}`, title: 'A title' },
    ]);
  }

  async video(key: VideoKey) {
    return await this.setting.database.videos.find(key);
  }

  async videoIn(key: VideoKey, status: string, deadlineMs = RECOVERY_DEADLINE_MS) {
    return await eventually(
      `the status ${status}`,
      () => this.video(key),
      (video) => video?.status === status,
      deadlineMs,
    );
  }

  /** How often the audio of each video was begun. */
  beginnings(): string[] {
    return beginnings(path.join(path.dirname(this.setting.config.staging.directory), 'beginnings.txt'));
  }

  /** Waits until so many pieces of audio have been begun. */
  async begun(count: number): Promise<void> {
    const isBegun = () => this.beginnings().length >= count;
    await eventually(`${String(count)} beginnings`, isBegun, Boolean, RECOVERY_DEADLINE_MS);
  }

  async objects(): Promise<{ readonly bucket: ObjectInfo[]; readonly mirror: ObjectInfo[] }> {
    const collect = async (pages: AsyncIterable<readonly ObjectInfo[]>) =>
      (await Array.fromAsync(pages)).flat();
    return {
      bucket: await collect(this.bucket.list('', never)),
      mirror: await collect(this.mirror.list('', never)),
    };
  }

  /** All files below the staging directory but the mark that tells workers which one it is. */
  async stagedFiles(): Promise<string[]> {
    const files = await filesBelow(this.setting.config.staging.directory).catch(() => []);
    return files.filter((file) => file !== '.staging-id');
  }

  /** Whether no queue has a job that waits, runs or is delayed. */
  async isIdle(): Promise<boolean> {
    const counts = await Promise.all(VIDEO_QUEUES.map((name) => this.setting.queues.counts(name)));
    return counts.every(({ waiting, active, delayed }) => waiting + active + delayed === 0);
  }

  /**
   * The invariant, once a video has been mirrored: one whole object and one equal blob, nothing staged, no job left.
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
    const rows = await this.setting.database.attempts.ofVideo(videoDocumentId(key), 100);
    return rows.reverse();
  }
}
