import { createStaging, type Staging } from '../../src/staging/staging.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import type { VideoKey } from '../../src/domain/video-key.ts';
import type { MinioStore } from '../../src/storage/minio-store.ts';
import { openMinioStore } from '../../src/storage/open-stores.ts';
import { uploadAudio, type StoredAudio } from '../../src/storage/upload-audio.ts';
import { reconcile } from '../../src/reconcile/reconcile.ts';
import type { ReconcileReport } from '../../src/reconcile/report.ts';
import { PASSES, type ReconcileOptions } from '../../src/reconcile/reconcile-options.ts';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TestEnvironment } from './test-environment.ts';

const never = new AbortController().signal;

/** What tests of reconcile do with the places that it compares. */
export interface ReconcileTest {
  readonly staging: Staging;
  readonly store: MinioStore;
  run(options?: Partial<ReconcileOptions>): Promise<ReconcileReport>;
  /** Puts a file into staging as a download does. */
  stage(key: VideoKey): Promise<void>;
  /** Puts an object into the bucket as an upload does. */
  upload(key: VideoKey, format?: string): Promise<StoredAudio>;
}

/** The key of the n-th video. */
export function keyOf(number: number): VideoKey {
  return { provider: 'youtube', videoId: `v${String(number).padStart(10, '0')}` };
}

/** The address of a video. */
export function addressOf({ videoId }: VideoKey): string {
  return `https://www.youtube.com/watch?v=${videoId}`;
}

/** Opens the places of a test setting; the bucket is made. */
export async function openReconcileTest(setting: TestEnvironment): Promise<ReconcileTest> {
  const { config, database, queues, directory } = setting;
  const staging = createStaging(config.staging.directory);
  const store = openMinioStore(config.minio, config.storage);
  await store.ensureContainer(never);
  return {
    staging,
    store,
    run: (options = {}) =>
      reconcile({
        config,
        database,
        queues,
        staging,
        store,
        mirror: undefined,
        logger: createSilentLogger(),
        signal: never,
        passes: PASSES,
        dryRun: false,
        fromStorage: false,
        forceMissing: false,
        ...options,
      }),
    stage: async (key) => {
      const work = await staging.createWorkDirectory();
      const file = path.join(work, 'audio.mp3');
      const text = `audio of ${key.videoId}`;
      await writeFile(file, text);
      await staging.put(key, file, {
        format: 'mp3',
        sizeBytes: text.length,
        durationSeconds: 12.5,
        codec: 'mp3',
        bitrate: 320_000,
        sampleRate: 44_100,
        channels: 2,
        source: 'yt-dlp',
        metadata: { url: addressOf(key), title: `Title of ${key.videoId}` },
      });
      await staging.removeWorkDirectory(work);
    },
    upload: async (key, format = 'mp3') => {
      const file = path.join(directory, `${key.videoId}.${format}`);
      await writeFile(file, `audio of ${key.videoId}`);
      return await uploadAudio(
        store,
        {
          key,
          file,
          format,
          profile: 'mp3-320',
          sourceUrl: addressOf(key),
          title: `Títle % of ${key.videoId}`,
          author: 'An author',
          channelId: 'UC0123456789012345678901',
          publishedAt: new Date('2026-01-31T00:00:00Z'),
          durationSeconds: 12.5,
          codec: 'mp3',
          bitrate: 320_000,
          sampleRate: 44_100,
          channels: 2,
          source: 'yt-dlp',
        },
        { signal: never },
      );
    },
  };
}
