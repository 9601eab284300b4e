import { statfs } from 'node:fs/promises';
import path from 'node:path';
import type { VideoDocument } from '../database/documents.ts';
import type { ScannedVideo } from '../database/video-scan.ts';
import { fileError } from '../runtime/file-errors.ts';
import { restoreObject, type LostObject } from '../mirror/restore-object.ts';
import { InterruptedError, OperatorError, toJobError } from '../domain/job-errors.ts';
import { describeAudio, type DescribedAudio } from '../storage/audio-metadata.ts';
import { checksumStream } from '../storage/checksums.ts';
import { ObjectChangedError, ObjectMissingError } from '../storage/storage-errors.ts';
import { audioOf } from './described-audio.ts';
import { problemOf, type BucketCounts, type ReconcileProblem } from './report.ts';
import type { ConfirmedLoss } from './recheck.ts';
import type { ReconcileOptions } from './reconcile-options.ts';

/** Copies made at once. */
const PARALLEL = 4;
/** Other maintenance waits for this one, so the rest is left to the next pass after so long. */
const LONGEST_MS = 15 * 60_000;

/**
 * Mends recorded objects that are missing or of another size than recorded. From the mirror where that still holds
 * what the record says; by a new download where not. An object of another size that is whole by what it says of
 * itself is a later version of ours: the record follows it.
 * @param hasStaging whether this machine has the disk on which an object is put down on its way.
 */
export async function repairObjects(
  suspects: readonly ConfirmedLoss[],
  options: ReconcileOptions,
  hasStaging: boolean,
  counts: BucketCounts,
): Promise<ReconcileProblem[]> {
  const endsAt = performance.now() + LONGEST_MS;
  const problems: ReconcileProblem[] = [];
  const left = suspects.values();
  await Promise.all(
    Array.from({ length: PARALLEL }, async () => {
      for (const suspect of left) {
        options.signal.throwIfAborted();
        if (problems.length > 0 || performance.now() > endsAt) return;
        try {
          await mend(suspect, options, hasStaging, counts);
        } catch (thrown) {
          // A mirror that is away is no reason to download from the site: the next pass goes on.
          const error = toJobError(thrown, options.signal);
          if (error instanceof InterruptedError) throw error;
          if (problems.length === 0) problems.push(problemOf('bucket', error));
        }
      }
    }),
  );
  return problems;
}

async function mend(
  { video: seen, kind }: ConfirmedLoss,
  options: ReconcileOptions,
  hasStaging: boolean,
  counts: BucketCounts,
): Promise<void> {
  const { database, dryRun, logger, store } = options;
  const name = seen.object?.name;
  if (kind === 'differing' && name !== undefined) {
    const whole = await readWhole(name, options);
    if (whole !== undefined) {
      if (!dryRun && !(await database.repairs.markFound(seen, audioOf(whole, store.container)))) return;
      counts.corrected += 1;
      logger.warn({ object: name }, 'The record of an object was wrong and follows the object now');
      return;
    }
  }
  const video = await database.videos.find(seen.key);
  const lost = video === undefined || !hasStaging ? undefined : copyIn(video, options);
  if (lost !== undefined && (dryRun || (await restore(seen, lost, options)))) {
    counts.restored += 1;
    logger.info({ object: lost.name }, 'An object was brought back from its mirror');
    return;
  }
  if (!dryRun && !(await database.repairs.forgetObject(seen))) return;
  counts.sentBack += 1;
}

/** What the mirror should hold of a video, when record and mirror agree on it. */
function copyIn({ audio, mirror }: VideoDocument, options: ReconcileOptions): LostObject | undefined {
  if (options.mirror?.container !== mirror?.container || !audio || !mirror) return undefined;
  const { key: name, size: sizeBytes, md5, sha256 } = audio;
  if (name === undefined || md5 === undefined || sha256 === undefined) return undefined;
  const isSame = mirror.name === name && mirror.size === sizeBytes && mirror.md5 === md5;
  return isSame ? { name, sizeBytes, md5, sha256 } : undefined;
}

/** @returns false when the mirror does not hold it after all. */
async function restore(seen: ScannedVideo, lost: LostObject, options: ReconcileOptions): Promise<boolean> {
  const { config, database, mirror, signal, staging, store } = options;
  if (mirror === undefined) return false;
  const { bavail, bsize } = await statfs(config.staging.directory);
  if (bavail * bsize - lost.sizeBytes < config.staging.minFreeBytes) {
    throw new OperatorError('disk_full', 'There is no room to bring lost objects back from the mirror.');
  }
  const directory = await staging.createWorkDirectory();
  try {
    const workFile = path.join(directory, 'restored');
    const restored = await restoreObject(mirror, store, lost, { workFile, signal });
    if (restored === undefined) return false;
    await database.repairs.markRestored(seen, restored.etag);
    return true;
  } catch (error) {
    throw fileError(error, 'Bringing an object back');
  } finally {
    await staging.removeWorkDirectory(directory);
  }
}

/** Reads an object to its end. @returns undefined when it is not what it says of itself, or says nothing. */
async function readWhole(
  name: string,
  { store, signal }: ReconcileOptions,
): Promise<DescribedAudio | undefined> {
  try {
    const { info: info, stream } = await store.openRead(name, { signal });
    const { md5, sha256, sizeBytes } = await checksumStream(stream as AsyncIterable<Buffer>, signal);
    const described = describeAudio(info);
    const isWhole =
      described?.md5 === md5 && described.sha256 === sha256 && described.sizeBytes === sizeBytes;
    return isWhole ? described : undefined;
  } catch (error) {
    if (error instanceof ObjectMissingError || error instanceof ObjectChangedError) return undefined;
    throw error;
  }
}
