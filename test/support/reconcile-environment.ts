import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { VideoMirror } from '../../src/database/collections/video.ts';
import type { VideoKey } from '../../src/domain/video-key.ts';
import { reconcile } from '../../src/reconcile/reconcile.ts';
import type { ReconcileReport } from '../../src/reconcile/report.ts';
import { PASSES, type ReconcileContext } from '../../src/reconcile/reconcile-context.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import { openStaging } from '../../src/staging/open-staging.ts';
import type { Staging } from '../../src/staging/staging.ts';
import type { MinioStore } from '../../src/storage/minio-store.ts';
import { openMinioStore } from '../../src/storage/open-stores.ts';
import { uploadAudio, type StoredAudio } from '../../src/storage/upload-audio.ts';
import { STAGED_MP3 } from './sample-audio.ts';
import { openTestEnvironment, type TestEnvironment } from './test-environment.ts';

const never = new AbortController().signal;
const DURATION_SECONDS = 12.5;

/** A test environment with the staging directory and the bucket that reconcile compares. */
export interface ReconcileEnvironment extends TestEnvironment {
  readonly staging: Staging;
  readonly store: MinioStore;
  reconcile(options?: Partial<ReconcileContext>): Promise<ReconcileReport>;
  discover(...keys: readonly VideoKey[]): Promise<void>;
  /** Puts a file into staging as a download does. */
  stage(key: VideoKey): Promise<void>;
  /** Puts an object into the bucket as an upload does. */
  upload(key: VideoKey, format?: string): Promise<StoredAudio>;
  /** Brings a video to `mirrored` as the stages do; without `copy` only the database says that it is. */
  archive(
    key: VideoKey,
    copy?: (name: string) => Promise<Pick<VideoMirror, 'container' | 'etag'>>,
  ): Promise<void>;
}

/** The key of the n-th video. */
export function keyOf(number: number): VideoKey {
  return { provider: 'youtube', videoId: `v${String(number).padStart(10, '0')}` };
}

/** The watch page of a video. */
export function addressOf({ videoId }: VideoKey): string {
  return `https://www.youtube.com/watch?v=${videoId}`;
}

/** Opens a test environment with an empty bucket. */
export async function openReconcileEnvironment(
  overrides: Readonly<Record<string, string>> = {},
): Promise<ReconcileEnvironment> {
  const environment = await openTestEnvironment(overrides);
  const { config, database, queues, directory } = environment;
  const store = openMinioStore(config.minio, config.storage);
  const staging = openStaging(config.staging, () => store);
  await store.ensureContainer(never);

  async function discover(...keys: readonly VideoKey[]): Promise<void> {
    await database.videos.discover(keys.map((key) => ({ key, url: addressOf(key) })));
  }

  async function stage(key: VideoKey): Promise<void> {
    const workDirectory = await staging.createWorkDirectory();
    const file = path.join(workDirectory, 'audio.mp3');
    const text = `audio of ${key.videoId}`;
    await writeFile(file, text);
    const audio = {
      ...STAGED_MP3,
      sizeBytes: text.length,
      durationSeconds: DURATION_SECONDS,
      metadata: { url: addressOf(key), title: `Title of ${key.videoId}` },
    };
    await staging.put(key, file, audio, never);
    await staging.removeWorkDirectory(workDirectory);
  }

  async function upload(key: VideoKey, format = 'mp3'): Promise<StoredAudio> {
    const file = path.join(directory, `${key.videoId}.${format}`);
    await writeFile(file, `audio of ${key.videoId}`);
    return await uploadAudio(
      store,
      {
        ...STAGED_MP3,
        key,
        file,
        format,
        profile: 'mp3-320',
        sourceUrl: addressOf(key),
        title: `Títle % of ${key.videoId}`,
        author: 'An author',
        channelId: 'UC0123456789012345678901',
        publishedAt: new Date('2026-01-31T00:00:00Z'),
        durationSeconds: DURATION_SECONDS,
      },
      { signal: never },
    );
  }

  return {
    ...environment,
    staging,
    store,
    reconcile: (options = {}) =>
      reconcile({
        ...{ config, database, queues, staging, store, mirror: undefined },
        logger: createSilentLogger(),
        signal: never,
        passes: PASSES,
        dryRun: false,
        fromStorage: false,
        forceMissing: false,
        ...options,
      }),
    discover,
    stage,
    upload,
    archive: async (key, copy) => {
      await discover(key);
      const { bucket, key: name, sizeBytes, md5, sha256, etag } = await upload(key);
      const audio = { bucket, key: name, size: sizeBytes, md5, sha256, etag, format: 'mp3' };
      await database.videos.markDownloaded(key, 0, audio, {});
      await database.videos.markStored(key, 0, audio);
      const copied = (await copy?.(name)) ?? { container: 'x', etag: 'x' };
      const { container, etag: blobEtag } = copied;
      const mirror = { container, name, etag: blobEtag, size: sizeBytes, md5, at: new Date() };
      await database.videos.markMirrored(key, 0, mirror);
    },
    close: async () => {
      store.close();
      await environment.close();
    },
  };
}
