import { createWriteStream } from 'node:fs';
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Config } from '../../config/config.ts';
import type { Database } from '../../database/database.ts';
import type { ArchivedVideo } from '../../database/video-search.ts';
import { definedFields } from '../../domain/defined-fields.ts';
import { InterruptedError, OperatorError, toJobError } from '../../domain/job-errors.ts';
import { parseVideoDocumentId } from '../../domain/video-key.ts';
import { measurePeaks } from '../../media/ffmpeg.ts';
import { PEAKS_SAMPLE_RATE, type Peaks } from '../../media/peaks.ts';
import { removePeaks } from '../../reconcile/finish-deletion.ts';
import type { JobResult } from '../../queues/catalogue.ts';
import { fileError } from '../../runtime/files.ts';
import type { Staging } from '../../staging/staging.ts';
import type { MinioStore } from '../../storage/minio-store.ts';
import { storePeaks } from '../../storage/peaks-object.ts';
import { ObjectChangedError, ObjectMissingError } from '../../storage/storage-errors.ts';
import type { JobContext } from '../processor.ts';

export interface PeaksTaskDependencies {
  readonly config: Pick<Config, 'media' | 'staging'>;
  readonly database: Pick<Database, 'peaks'>;
  /** Only its work directories are used: the index of an M4A may stand at its end, so ffmpeg needs a file. */
  readonly staging: Pick<Staging, 'createWorkDirectory' | 'removeWorkDirectory'>;
  readonly store: MinioStore;
}

/** Other maintenance waits for the task; the next run continues. */
const RUN_MS = 60_000;
/** For decoding one audio. A day of audio takes a minute on one core. */
const VIDEO_DEADLINE_MS = 3 * 60_000;
const PAGE_SIZE = 50;
const AUDIO_FILE = 'audio';

/** `skipped`: its object is not there or is another one (reconcile repairs that), or the disk has no space for it. */
type Outcome = 'made' | 'impossible' | 'skipped';

/**
 * Makes the task that measures the peaks of stored audio that has none: of older versions, of rebuilt records, and where the
 * upload could not store them. It goes through the videos in the order of their `_id`, one after another, and begins again
 * at the end; a video that fails is passed, so that none stops the rest.
 */
export function createPeaksTask(
  dependencies: PeaksTaskDependencies,
): (context: JobContext) => Promise<JobResult> {
  const { database } = dependencies;
  let lastId = '';
  return async (context) => {
    const counts = { made: 0, impossible: 0, skipped: 0 };
    const endsAt = performance.now() + RUN_MS;
    let page: ArchivedVideo[];
    do {
      page = await database.peaks.missing(lastId, PAGE_SIZE);
      for (const video of page) {
        if (performance.now() > endsAt) return counts;
        // Before its turn: if the store fails for it, the next run begins with the one after it.
        lastId = video._id;
        counts[await measureOne(video, dependencies, context)] += 1;
      }
    } while (page.length === PAGE_SIZE);
    lastId = '';
    return counts;
  };
}

/** @throws JobErrors of the stores, and OperatorErrors: without ffmpeg or without the disk none can be measured. */
async function measureOne(
  video: ArchivedVideo,
  dependencies: PeaksTaskDependencies,
  context: JobContext,
): Promise<Outcome> {
  const { database, staging, store } = dependencies;
  const key = parseVideoDocumentId(video._id);
  const { md5 } = video.audio;
  if (key === undefined || md5 === undefined) return 'skipped';
  const directory = await staging.createWorkDirectory();
  try {
    if (!(await fetchAudio(video.audio, directory, dependencies, context.signal))) return 'skipped';
    const peaks = await measure(video, directory, dependencies.config.media, context);
    if (peaks === undefined) {
      await database.peaks.mark(key, md5, 'none');
      return 'impossible';
    }
    await storePeaks(store, key, JSON.stringify(peaks), md5, context.signal);
    if (await database.peaks.mark(key, md5, 'made')) return 'made';
    // Deleted, or downloaded again, while it was measured.
    await removePeaks(key, store, context.signal);
    return 'skipped';
  } finally {
    await staging.removeWorkDirectory(directory);
  }
}

/** Copies the object of the record into a work directory. @returns false when it is not there or there is no space for it. */
async function fetchAudio(
  { key, size, etag }: ArchivedVideo['audio'],
  directory: string,
  { config, store }: PeaksTaskDependencies,
  signal: AbortSignal,
): Promise<boolean> {
  const { bavail, bsize } = await statfs(directory);
  if (bavail * bsize - size < config.staging.minFreeBytes) return false;
  try {
    const options = { signal, ...definedFields({ ifMatch: etag }) };
    const { info, stream } = await store.openRead(key, options);
    if (info.sizeBytes !== size) {
      stream.destroy();
      return false;
    }
    await pipeline(stream, createWriteStream(path.join(directory, AUDIO_FILE)), { signal });
    return true;
  } catch (thrown) {
    if (thrown instanceof ObjectMissingError || thrown instanceof ObjectChangedError) return false;
    throw toJobError(fileError(thrown, directory), signal);
  }
}

/** @returns undefined for audio that cannot be decoded whole, or takes too long. */
async function measure(
  { _id: id, audio }: ArchivedVideo,
  directory: string,
  media: Config['media'],
  context: JobContext,
): Promise<Peaks | undefined> {
  const limits = {
    inputBytes: audio.size,
    // Of the samples, which go through a pipe.
    maxOutputBytes: 2 * PEAKS_SAMPLE_RATE * media.maxDurationSeconds,
    maxSeconds: media.maxDurationSeconds,
    announcedSeconds: [],
  };
  try {
    return await measurePeaks(
      { ...media, deadlineMs: Math.min(media.deadlineMs, VIDEO_DEADLINE_MS) },
      { directory, inputFile: AUDIO_FILE, limits },
      { ...context, onProgress: () => undefined },
    );
  } catch (thrown) {
    const error = toJobError(thrown, context.signal);
    if (error instanceof InterruptedError || error instanceof OperatorError) throw error;
    context.logger.warn({ err: error, video: id }, 'The peaks of an audio cannot be measured');
    return undefined;
  }
}
