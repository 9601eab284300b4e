import type { ScannedVideo } from '../database/video-scan.ts';
import { InterruptedError, toJobError } from '../domain/job-errors.ts';
import { forEachConcurrently } from '../runtime/concurrency.ts';
import { parseAudioObject } from '../storage/audio-metadata.ts';
import { parseAudioObjectName } from '../storage/object-names.ts';
import type { ObjectInfo } from '../storage/object-store.ts';
import { emptyIfContainerMissing } from '../storage/storage-errors.ts';
import { walkBucket, type WalkedVideo } from './bucket-walk.ts';
import { finishDeletion, removePeaks } from './finish-deletion.ts';
import { isRecordedAsStored, recheck } from './recheck.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import { toRecoveredVideo, toStoredAudio } from './recovered-video.ts';
import { repairObjects } from './repair-objects.ts';
import { problemOf, zeroCounts, type Counts, type ReconcileProblem } from './report.ts';

const PREFIX = 'audio/';
/** Objects looked up at once: a listing does not include their metadata. */
const CONCURRENCY = 16;
/**
 * Objects that were stored later than this after their video was deleted are left alone: the record may have been restored
 * from a snapshot that is older than a new download.
 */
const LATE_UPLOAD_MS = 24 * 3_600_000;
/** Time for the deletions of one pass; the next pass continues. */
const MAX_DELETING_MS = 5 * 60_000;
/** Lost objects repaired in one pass; the next pass continues. This limits memory and the number of new downloads. */
const MAX_REPAIRED = 10_000;

/** Compares record and bucket: records unknown objects, and repairs missing and damaged ones. */
export async function reconcileBucket(
  context: ReconcileContext,
  hasStaging: boolean,
): Promise<{ counts: Counts<'bucket'>; problems: ReconcileProblem[] }> {
  const pass = new BucketPass(context);
  await pass.finishDeletions();
  await pass.walk();
  const problems = await pass.repair(hasStaging);
  return { counts: pass.counts, problems };
}

class BucketPass {
  readonly counts = zeroCounts('bucket');
  readonly #context: ReconcileContext;
  /** Videos whose object is missing in the listing or has another size. */
  readonly #possibleLosses: ScannedVideo[] = [];
  readonly #problems: ReconcileProblem[] = [];
  #lossCount = 0;
  /** Videos that should have an object. */
  #expectedCount = 0;

  constructor(context: ReconcileContext) {
    this.#context = context;
  }

  /** Removes what an interruption, a running job or an unavailable store left of deleted videos. */
  async finishDeletions(): Promise<void> {
    const { database, dryRun, signal } = this.#context;
    const endsAt = performance.now() + MAX_DELETING_MS;
    for await (const page of database.scan.unfinishedDeletions()) {
      for (const { key } of page) {
        signal.throwIfAborted();
        if (performance.now() > endsAt) return;
        await this.#reportingProblems(async () => {
          if (dryRun || (await finishDeletion(key, this.#context)) === 'finished') this.counts.deleted += 1;
        });
      }
    }
  }

  async walk(): Promise<void> {
    const { database, signal, store } = this.#context;
    await forEachConcurrently(
      (walkSignal) =>
        walkBucket(
          emptyIfContainerMissing(store.list(PREFIX, walkSignal)),
          database.scan.all(),
          this.#noteUnrecognised,
        ),
      { concurrency: CONCURRENCY, signal },
      (walked, walkSignal) => this.#compare(walked, walkSignal),
    );
  }

  /** Call it only after a complete walk: a listing that failed midway does not show what is missing. */
  async repair(hasStaging: boolean): Promise<ReconcileProblem[]> {
    const { forceMissing } = this.#context;
    const confirmed = await recheck(this.#possibleLosses, this.#context);
    const isMissing = confirmed.filter(({ kind }) => kind === 'missing').length;
    this.counts.differing = confirmed.length - isMissing;
    // Those beyond the limit were not rechecked.
    this.counts.missing = isMissing + this.#lossCount - this.#possibleLosses.length;
    const lost = this.counts.missing + this.counts.differing;
    if (lost === 0) return this.#problems;
    if (!forceMissing && (this.counts.objects === 0 || lost * 2 > this.#expectedCount))
      return [...this.#problems, this.#tooManyLostProblem()];
    return [...this.#problems, ...(await repairObjects(confirmed, this.#context, hasStaging, this.counts))];
  }

  async #compare({ video, objects }: WalkedVideo, signal: AbortSignal): Promise<void> {
    this.counts.objects += objects.length;
    if (video !== undefined && isRecordedAsStored(video)) {
      this.#checkStored(video, objects);
      return;
    }
    if (video?.deletedAt !== undefined) {
      await this.#removeLateUploads(video.deletedAt, objects, signal);
      return;
    }
    if (objects.length === 0 || (video !== undefined && !canBecomeStored(video))) return;
    // The newest object is the last upload.
    const [newest, ...older] = [...objects].sort(
      (a, b) => b.lastModified.getTime() - a.lastModified.getTime(),
    );
    older.forEach(this.#noteUnrecognised);
    if (newest !== undefined) await this.#record(newest, video, signal);
  }

  #checkStored(video: ScannedVideo, objects: readonly ObjectInfo[]): void {
    this.#expectedCount += 1;
    const own = objects.find(({ name }) => name === video.object?.name);
    for (const object of objects) if (object !== own) this.#noteUnrecognised(object);
    if (own !== undefined && own.sizeBytes === video.object?.sizeBytes) return;
    this.#lossCount += 1;
    if (this.#possibleLosses.length < MAX_REPAIRED) this.#possibleLosses.push(video);
  }

  /** A worker that had lost its job may store its file after the video was deleted. */
  async #removeLateUploads(
    deletedAt: Date,
    objects: readonly ObjectInfo[],
    signal: AbortSignal,
  ): Promise<void> {
    const { dryRun, logger } = this.#context;
    for (const object of objects) {
      if (object.lastModified.getTime() > deletedAt.getTime() + LATE_UPLOAD_MS) {
        this.#noteUnrecognised(object);
        continue;
      }
      await this.#reportingProblems(async () => {
        if (!dryRun) await this.#removeWithPeaks(object.name, signal);
        this.counts.deleted += 1;
        logger.info({ object: object.name }, 'An object of a deleted video was removed');
      });
    }
  }

  async #removeWithPeaks(name: string, signal: AbortSignal): Promise<void> {
    const key = parseAudioObjectName(name)?.key;
    const { store } = this.#context;
    if (key !== undefined) await removePeaks(key, store, signal);
    await store.remove(name, signal);
  }

  /** An object that cannot be removed does not stop the rest; the first such problem is reported. */
  async #reportingProblems(remove: () => Promise<void>): Promise<void> {
    try {
      await remove();
    } catch (thrown) {
      const error = toJobError(thrown, this.#context.signal);
      if (error instanceof InterruptedError) throw error;
      if (this.#problems.length === 0) this.#problems.push(problemOf('bucket', error));
    }
  }

  async #record(object: ObjectInfo, video: ScannedVideo | undefined, signal: AbortSignal): Promise<void> {
    const { database, dryRun, logger, store } = this.#context;
    const info = await store.stat(object.name, signal);
    // It was removed after it was listed.
    if (info === undefined) return;
    const audioObject = parseAudioObject(info);
    if (audioObject === undefined) {
      this.#noteUnrecognised(object);
      return;
    }
    const audio = toStoredAudio(audioObject, store.container);
    if (video === undefined) {
      if (!dryRun && !(await database.repairs.adopt({ ...toRecoveredVideo(audioObject), audio }))) return;
      this.counts.adopted += 1;
    } else {
      if (!dryRun && !(await database.repairs.markFound(video, audio))) return;
      this.counts.found += 1;
    }
    logger.info({ object: object.name, wasKnown: video !== undefined }, 'An object was recorded');
  }

  readonly #noteUnrecognised = (object: ObjectInfo): void => {
    this.counts.unrecognised += 1;
    this.#context.logger.debug({ object: object.name }, 'An unrecognised object was left alone');
  };

  #tooManyLostProblem(): ReconcileProblem {
    const { missing, differing } = this.counts;
    const others = differing === 0 ? '' : `, ${String(differing)} more have another size`;
    return {
      pass: 'bucket',
      errorClass: 'object_missing',
      message: `${String(missing)} of ${String(this.#expectedCount)} recorded objects are not in the bucket ${this.#context.store.container}${others}; nothing was changed.`,
      advice:
        'Check MINIO_ENDPOINT and MINIO_BUCKET. If the objects are really lost, `npm run reconcile -- --force-missing` restores them or downloads them again.',
    };
  }
}

/**
 * Whether an object in the bucket makes this video `stored`. Not if the video already had an object and is in progress
 * again: a person asked for a new one. Not if it is `downloaded`: its staged file is newer than the object.
 */
function canBecomeStored(video: ScannedVideo): boolean {
  switch (video.status) {
    case 'discovered':
      return video.object === undefined;
    case 'retrying':
      return video.failedStage === 'download' && video.object === undefined;
    case 'failed':
      return video.failedStage !== 'sync';
    case 'downloaded':
    case 'stored':
    case 'mirrored':
    case 'skipped':
      return false;
  }
}
