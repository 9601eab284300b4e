import { statfs } from 'node:fs/promises';
import path from 'node:path';
import type { VideoDocument } from '../database/collections/video.ts';
import type { ScannedVideo } from '../database/video-scan.ts';
import { InterruptedError, OperatorError, toJobError } from '../domain/job-errors.ts';
import { restoreObject, type LostObject } from '../mirror/restore-object.ts';
import { forEachConcurrently } from '../runtime/concurrency.ts';
import { fileError } from '../runtime/files.ts';
import { parseAudioObject, type AudioObject } from '../storage/audio-metadata.ts';
import { checksumStream } from '../storage/checksums.ts';
import { undefinedIfMissing } from '../storage/storage-errors.ts';
import type { ConfirmedLoss } from './recheck.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import { toStoredAudio } from './recovered-video.ts';
import { problemOf, type Counts, type ReconcileProblem } from './report.ts';

/** Objects repaired at once. */
const CONCURRENCY = 4;
/** Other maintenance waits for this task; after this time the rest is left to the next pass. */
const MAX_DURATION_MS = 15 * 60_000;

/**
 * Repairs recorded objects that are missing or have another size: from the mirror where it still has the recorded version,
 * otherwise by a new download. If an object of another size agrees with its own metadata, it is a later version of ours and
 * the record is corrected instead.
 * @param hasStaging whether this machine has staging, in whose work directories an object is kept while it is restored.
 */
export async function repairObjects(
  losses: readonly ConfirmedLoss[],
  context: ReconcileContext,
  hasStaging: boolean,
  counts: Counts<'bucket'>,
): Promise<ReconcileProblem[]> {
  const endsAt = performance.now() + MAX_DURATION_MS;
  const problems: ReconcileProblem[] = [];
  const { signal } = context;
  await forEachConcurrently(
    () => losses,
    { concurrency: CONCURRENCY, signal },
    async (loss) => {
      if (problems.length > 0 || performance.now() > endsAt) return;
      try {
        await repairObject(loss, context, hasStaging, counts);
      } catch (thrown) {
        // When the mirror is unavailable, do not download from the site again: the next pass continues.
        const error = toJobError(thrown, signal);
        if (error instanceof InterruptedError) throw error;
        if (problems.length === 0) problems.push(problemOf('bucket', error));
      }
    },
  );
  return problems;
}

async function repairObject(
  { video: seen, kind }: ConfirmedLoss,
  context: ReconcileContext,
  hasStaging: boolean,
  counts: Counts<'bucket'>,
): Promise<void> {
  const { database, dryRun, logger, store } = context;
  const name = seen.object?.name;
  if (kind === 'differing' && name !== undefined) {
    const intact = await readIntact(name, context);
    if (intact !== undefined) {
      if (!dryRun && !(await database.repairs.markFound(seen, toStoredAudio(intact, store.container))))
        return;
      counts.corrected += 1;
      logger.warn({ object: name }, 'The record of an object was corrected');
      return;
    }
  }
  const video = await database.videos.find(seen.key);
  const lost = video === undefined || !hasStaging ? undefined : mirrorCopyOf(video, context);
  if (lost !== undefined && (dryRun || (await restore(seen, lost, context)))) {
    counts.restored += 1;
    logger.info({ object: lost.name }, 'An object was restored from its mirror');
    return;
  }
  if (!dryRun && !(await database.repairs.forgetObject(seen))) return;
  counts.sentBack += 1;
}

/** The object as the mirror should have it; undefined when the records of audio and mirror do not agree. */
function mirrorCopyOf({ audio, mirror }: VideoDocument, context: ReconcileContext): LostObject | undefined {
  if (context.mirror?.container !== mirror?.container || !audio || !mirror) return undefined;
  const { key: name, size: sizeBytes, md5, sha256 } = audio;
  if (name === undefined || md5 === undefined || sha256 === undefined) return undefined;
  const isSame = mirror.name === name && mirror.size === sizeBytes && mirror.md5 === md5;
  return isSame ? { name, sizeBytes, md5, sha256 } : undefined;
}

/** @returns false when the mirror does not have this version. */
async function restore(seen: ScannedVideo, lost: LostObject, context: ReconcileContext): Promise<boolean> {
  const { config, database, mirror, signal, staging, store } = context;
  if (mirror === undefined) return false;
  const directory = await staging.createWorkDirectory();
  try {
    const { bavail, bsize } = await statfs(directory);
    if (bavail * bsize - lost.sizeBytes < config.staging.minFreeBytes) {
      throw new OperatorError(
        'disk_full',
        'There is not enough disk space to restore lost objects from the mirror.',
      );
    }
    const workFile = path.join(directory, 'restored');
    const restored = await restoreObject(mirror, store, lost, { workFile, signal });
    if (restored === undefined) return false;
    await database.repairs.markRestored(seen, restored.etag);
    return true;
  } catch (error) {
    throw fileError(error, 'Restoring an object');
  } finally {
    await staging.removeWorkDirectory(directory);
  }
}

/** Reads a whole object. @returns undefined when its content does not agree with its metadata, or it has none. */
async function readIntact(
  name: string,
  { store, signal }: ReconcileContext,
): Promise<AudioObject | undefined> {
  const opened = await undefinedIfMissing(store.openRead(name, { signal }));
  if (opened === undefined) return undefined;
  const { md5, sha256, sizeBytes } = await checksumStream(opened.stream as AsyncIterable<Buffer>, signal);
  const object = parseAudioObject(opened.info);
  const isIntact = object?.md5 === md5 && object.sha256 === sha256 && object.sizeBytes === sizeBytes;
  return isIntact ? object : undefined;
}
