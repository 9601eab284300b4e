import type { ScannedVideo } from '../database/video-scan.ts';
import { OperatorError } from '../domain/job-errors.ts';
import { describeAudio } from '../storage/audio-metadata.ts';
import type { ObjectInfo } from '../storage/object-store.ts';
import { walkBucket, type WalkedVideo } from './bucket-walk.ts';
import { audioOf, recovered } from './described-audio.ts';
import { repairObjects } from './repair-objects.ts';
import type { BucketCounts, ReconcileProblem } from './report.ts';
import { hasArrived, recheck } from './recheck.ts';
import type { ReconcileOptions } from './reconcile-options.ts';

const PREFIX = 'audio/';
/** Objects looked up at once: a listing does not carry what they say of themselves. */
const PARALLEL = 16;
/** Lost objects that one pass deals with; the next goes on. Keeps memory and the number of new downloads in bounds. */
const MAX_MENDED = 10_000;

/** Makes the record true to the bucket: unknown objects are taken in, missing and broken ones are brought back. */
export async function reconcileBucket(
  options: ReconcileOptions,
  hasStaging: boolean,
): Promise<{ counts: BucketCounts; problems: ReconcileProblem[] }> {
  const pass = new BucketPass(options);
  await pass.walk();
  const problems = await pass.mend(hasStaging);
  return { counts: pass.counts, problems };
}

class BucketPass {
  readonly counts: BucketCounts = {
    objects: 0,
    adopted: 0,
    found: 0,
    unrecognised: 0,
    differing: 0,
    corrected: 0,
    missing: 0,
    restored: 0,
    sentBack: 0,
  };
  readonly #options: ReconcileOptions;
  /** Videos whose object the listing lacks, or shows with another size. */
  readonly #suspects: ScannedVideo[] = [];
  #suspected = 0;
  /** Videos that should have an object. */
  #expected = 0;

  constructor(options: ReconcileOptions) {
    this.#options = options;
  }

  async walk(): Promise<void> {
    const { database, store } = this.#options;
    const giveUp = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, giveUp.signal]);
    const walk = walkBucket(emptyIfNoBucket(store.list(PREFIX, signal)), database.scan.all(), (object) => {
      this.#noteStrange(object);
    });
    // Generators queue calls of next(), so that several takers may share one.
    const taker = async () => {
      for await (const walked of walk) {
        this.#options.signal.throwIfAborted();
        await this.#compare(walked, signal);
      }
    };
    const takers = Array.from({ length: PARALLEL }, () =>
      taker().catch((error: unknown) => {
        giveUp.abort(error);
        throw error;
      }),
    );
    const failed = (await Promise.allSettled(takers)).find((end) => end.status === 'rejected');
    if (failed !== undefined) throw giveUp.signal.aborted ? giveUp.signal.reason : failed.reason;
  }

  /** Only to be called after a walk that came to its end: a listing that broke off says nothing of what is missing. */
  async mend(hasStaging: boolean): Promise<ReconcileProblem[]> {
    const { forceMissing } = this.#options;
    const confirmed = await recheck(this.#suspects, this.#options);
    const isMissing = confirmed.filter(({ kind }) => kind === 'missing').length;
    this.counts.differing = confirmed.length - isMissing;
    // Those that were too many to remember cannot be refuted.
    this.counts.missing = isMissing + this.#suspected - this.#suspects.length;
    const lost = this.counts.missing + this.counts.differing;
    if (lost === 0) return [];
    if (!forceMissing && (this.counts.objects === 0 || lost * 2 > this.#expected))
      return [this.#tooManyLost()];
    return await repairObjects(confirmed, this.#options, hasStaging, this.counts);
  }

  async #compare({ video, objects }: WalkedVideo, signal: AbortSignal): Promise<void> {
    this.counts.objects += objects.length;
    if (video !== undefined && hasArrived(video)) {
      this.#checkArrived(video, objects);
      return;
    }
    if (objects.length === 0 || (video !== undefined && !mayBeFound(video))) return;
    // The newest is the one that counts, as the last upload of a video does.
    const [newest, ...older] = [...objects].sort(
      (a, b) => b.lastModified.getTime() - a.lastModified.getTime(),
    );
    older.forEach((object) => {
      this.#noteStrange(object);
    });
    if (newest !== undefined) await this.#takeIn(newest, video, signal);
  }

  #checkArrived(video: ScannedVideo, objects: readonly ObjectInfo[]): void {
    this.#expected += 1;
    const own = objects.find(({ name }) => name === video.object?.name);
    for (const object of objects) if (object !== own) this.#noteStrange(object);
    if (own !== undefined && own.sizeBytes === video.object?.sizeBytes) return;
    this.#suspected += 1;
    if (this.#suspects.length < MAX_MENDED) this.#suspects.push(video);
  }

  async #takeIn(object: ObjectInfo, video: ScannedVideo | undefined, signal: AbortSignal): Promise<void> {
    const { database, dryRun, logger, store } = this.#options;
    const info = await store.stat(object.name, signal);
    // Removed since it was listed.
    if (info === undefined) return;
    const described = describeAudio(info);
    if (described === undefined) {
      this.#noteStrange(object);
      return;
    }
    const audio = audioOf(described, store.container);
    if (video === undefined) {
      if (!dryRun && !(await database.repairs.adopt({ ...recovered(described), audio }))) return;
      this.counts.adopted += 1;
    } else {
      if (!dryRun && !(await database.repairs.markFound(video, audio))) return;
      this.counts.found += 1;
    }
    logger.info(
      { object: object.name, wasKnown: video !== undefined },
      'An object was taken into the record',
    );
  }

  #noteStrange(object: ObjectInfo): void {
    this.counts.unrecognised += 1;
    this.#options.logger.debug({ object: object.name }, 'An object is not one of ours; it is left alone');
  }

  #tooManyLost(): ReconcileProblem {
    const { missing, differing } = this.counts;
    const others = differing === 0 ? '' : `, ${String(differing)} more have another size`;
    return {
      pass: 'bucket',
      errorClass: 'object_missing',
      message: `${String(missing)} of ${String(this.#expected)} recorded objects are not in the bucket ${this.#options.store.container}${others}; nothing was done about them.`,
      advice:
        'Check MINIO_ENDPOINT and MINIO_BUCKET. If the objects are really lost, `npm run reconcile -- --force-missing` brings them back.',
    };
  }
}

/**
 * Whether an object in the bucket brings this video to `stored`. One that has a recorded object and is yet on its
 * way was opened again by a person, who wants a new one; a staged file is newer than what is in the bucket.
 */
function mayBeFound(video: ScannedVideo): boolean {
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

/** Before the first upload there is no bucket. */
async function* emptyIfNoBucket(pages: AsyncIterable<readonly ObjectInfo[]>) {
  try {
    yield* pages;
  } catch (error) {
    if (!(error instanceof OperatorError && error.errorClass === 'storage_missing')) throw error;
  }
}
