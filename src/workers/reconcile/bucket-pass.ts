import type { VideoAudio } from '../../database/documents.ts';
import type { ScannedVideo } from '../../database/video-scan.ts';
import { OperatorError } from '../../runtime/job-errors.ts';
import { describeAudio, type DescribedAudio } from '../../storage/audio-metadata.ts';
import type { ObjectFacts } from '../../storage/object-store.ts';
import { walkBucket, type WalkedVideo } from './bucket-walk.ts';
import type { BucketCounts, ReconcileProblem } from './report.ts';
import type { ReconcileSetting } from './setting.ts';

const PREFIX = 'audio/';
/** Objects looked up at once: a listing does not carry what they say of themselves. */
const PARALLEL = 16;
/** Missing objects that one pass deals with; the next goes on. Keeps memory and the number of new downloads in bounds. */
const MAX_SENT_BACK = 10_000;

/** Makes the record true to the bucket: unknown objects are taken in, missing ones are downloaded again. */
export async function reconcileBucket(
  setting: ReconcileSetting,
): Promise<{ counts: BucketCounts; problems: ReconcileProblem[] }> {
  const pass = new BucketPass(setting);
  await pass.walk();
  const problems = await pass.sendBackMissing();
  return { counts: pass.counts, problems };
}

class BucketPass {
  readonly counts: BucketCounts = {
    objects: 0,
    adopted: 0,
    found: 0,
    strange: 0,
    differing: 0,
    missing: 0,
    sentBack: 0,
  };
  readonly #setting: ReconcileSetting;
  readonly #missing: ScannedVideo[] = [];
  /** Videos that should have an object. */
  #expected = 0;

  constructor(setting: ReconcileSetting) {
    this.#setting = setting;
  }

  async walk(): Promise<void> {
    const { database, store } = this.#setting;
    const giveUp = new AbortController();
    const signal = AbortSignal.any([this.#setting.signal, giveUp.signal]);
    const walk = walkBucket(emptyIfNoBucket(store.list(PREFIX, signal)), database.scan.all(), (object) => {
      this.#noteStrange(object);
    });
    // Generators queue calls of next(), so that several takers may share one.
    const taker = async () => {
      for await (const walked of walk) {
        this.#setting.signal.throwIfAborted();
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
  async sendBackMissing(): Promise<ReconcileProblem[]> {
    const { dryRun, forceMissing, store } = this.#setting;
    const { missing, objects } = this.counts;
    if (missing === 0) return [];
    if (!forceMissing && (objects === 0 || missing * 2 > this.#expected)) return [this.#tooManyMissing()];
    for (const video of this.#missing) {
      this.#setting.signal.throwIfAborted();
      const name = video.object?.name;
      // The listing is older than the record it was compared with: the object may have come since.
      if (name !== undefined && (await store.stat(name, this.#setting.signal)) !== undefined) continue;
      if (!dryRun && !(await this.#setting.database.repairs.forgetObject(video))) continue;
      this.counts.sentBack += 1;
    }
    return [];
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

  #checkArrived(video: ScannedVideo, objects: readonly ObjectFacts[]): void {
    this.#expected += 1;
    const own = objects.find(({ name }) => name === video.object?.name);
    for (const object of objects) if (object !== own) this.#noteStrange(object);
    if (own === undefined) {
      this.counts.missing += 1;
      if (this.#missing.length < MAX_SENT_BACK) this.#missing.push(video);
    } else if (own.sizeBytes !== video.object?.sizeBytes) {
      this.counts.differing += 1;
      this.#setting.logger.warn({ object: own.name }, 'An object has another size than its record says');
    }
  }

  async #takeIn(object: ObjectFacts, video: ScannedVideo | undefined, signal: AbortSignal): Promise<void> {
    const { database, dryRun, logger, store } = this.#setting;
    const facts = await store.stat(object.name, signal);
    // Removed since it was listed.
    if (facts === undefined) return;
    const described = describeAudio(facts);
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

  #noteStrange(object: ObjectFacts): void {
    this.counts.strange += 1;
    this.#setting.logger.debug({ object: object.name }, 'An object is not one of ours; it is left alone');
  }

  #tooManyMissing(): ReconcileProblem {
    const { missing } = this.counts;
    return {
      pass: 'bucket',
      errorClass: 'object_missing',
      message: `${String(missing)} of ${String(this.#expected)} recorded objects are not in the bucket ${this.#setting.store.container}; nothing was done about them.`,
      advice:
        'Check MINIO_ENDPOINT and MINIO_BUCKET. If the objects are really lost, `npm run reconcile -- --force-missing` downloads them again.',
    };
  }
}

/** Videos whose object is in the bucket, by the record. */
function hasArrived(video: ScannedVideo): boolean {
  return (
    video.status === 'stored' ||
    video.status === 'mirrored' ||
    (video.status === 'retrying' && video.failedStage === 'sync')
  );
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
async function* emptyIfNoBucket(pages: AsyncIterable<readonly ObjectFacts[]>) {
  try {
    yield* pages;
  } catch (error) {
    if (!(error instanceof OperatorError && error.errorClass === 'storage_missing')) throw error;
  }
}

function recovered(audio: DescribedAudio) {
  const { key, sourceUrl: url, title, author, channelId, publishedAt, durationSeconds } = audio;
  return {
    key,
    url,
    ...(title === undefined ? {} : { title }),
    ...(author === undefined ? {} : { author }),
    ...(channelId === undefined ? {} : { channelId }),
    ...(publishedAt === undefined ? {} : { publishedAt }),
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
  };
}

function audioOf(audio: DescribedAudio, bucket: string): VideoAudio {
  return {
    bucket,
    key: audio.name,
    size: audio.sizeBytes,
    md5: audio.md5,
    sha256: audio.sha256,
    etag: audio.etag,
    format: audio.format,
    ...(audio.durationSeconds === undefined ? {} : { duration: audio.durationSeconds }),
    ...(audio.codec === undefined ? {} : { codec: audio.codec }),
    ...(audio.bitrate === undefined ? {} : { bitrate: audio.bitrate }),
    ...(audio.sampleRate === undefined ? {} : { sample_rate: audio.sampleRate }),
    ...(audio.channels === undefined ? {} : { channels: audio.channels }),
    ...(audio.source === undefined ? {} : { source: audio.source }),
  };
}
