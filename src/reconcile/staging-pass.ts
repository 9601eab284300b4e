import type { ScannedVideo } from '../database/video-scan.ts';
import { videoDocumentId, type VideoKey } from '../domain/video-key.ts';
import type { Staging } from '../staging/staging.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import { zeroCounts, type Counts, type ReconcileProblem } from './report.ts';

/** Videos looked up together. */
const BATCH = 500;
/** A job without any sign of life for this long is dead, however long its deadlines are. */
const WORK_ABANDONED_MS = 3_600_000;

/** Removes staged files that no video needs, and what dead workers left. Files of videos in progress are kept. */
export async function reconcileStaging(
  context: ReconcileContext,
): Promise<{ counts: Counts<'staging'>; problems: ReconcileProblem[] }> {
  const { config, database, dryRun, fromStorage, logger, staging } = context;
  const counts = zeroCounts('staging');
  if (!dryRun) {
    counts.workDirectories = await staging.pruneWorkDirectories(
      Math.max(WORK_ABANDONED_MS, config.media.stallMs * 4),
    );
  }
  // An empty record was probably lost, or MONGO_URL is wrong: no reason to delete hours of work.
  const isRecordEmpty = await database.scan.isEmpty();
  for await (const { key, video } of withVideos(stagedKeys(staging), context)) {
    counts.files += 1;
    if (video === undefined && fromStorage) {
      await adopt(key, context, counts);
    } else if (!isRecordEmpty && isUnneeded(video)) {
      counts.strays += 1;
      if (dryRun) continue;
      await staging.removeStaged(key);
      logger.info({ video: videoDocumentId(key) }, 'An unneeded staged file was removed');
    }
  }
  if (!isRecordEmpty) await removeUnfinished(context, counts);
  return { counts, problems: isRecordEmpty && !fromStorage ? emptyRecordProblem(counts) : [] };
}

/**
 * Removes what was only partly staged. That of videos in progress is kept: their next download replaces it, or their upload
 * removes it. Recent parts are kept too, as a worker may be staging the other one right now.
 */
async function removeUnfinished(context: ReconcileContext, counts: Counts<'staging'>): Promise<void> {
  const { dryRun, staging } = context;
  for await (const { key, video } of withVideos(staging.listUnfinished(WORK_ABANDONED_MS), context)) {
    if (!isUnneeded(video)) continue;
    counts.strayMetadata += 1;
    if (!dryRun) await staging.removeStaged(key);
  }
}

async function adopt(key: VideoKey, context: ReconcileContext, counts: Counts<'staging'>): Promise<void> {
  const staged = await context.staging.readStaged(key);
  if (staged === undefined) return;
  if (context.dryRun || (await context.database.repairs.adopt({ key, ...staged.metadata }))) {
    counts.adopted += 1;
  }
}

async function* stagedKeys(staging: Staging): AsyncGenerator<VideoKey, void> {
  for await (const { key } of staging.listStaged()) yield key;
}

/** Adds to each key what MongoDB knows of the video, looked up in batches. */
async function* withVideos(
  keys: AsyncIterable<VideoKey>,
  { database, signal }: ReconcileContext,
): AsyncGenerator<{ key: VideoKey; video: ScannedVideo | undefined }, void> {
  for await (const batch of inBatches(keys)) {
    const known = await database.scan.find(batch);
    for (const key of batch) {
      signal.throwIfAborted();
      yield { key, video: known.get(videoDocumentId(key)) };
    }
  }
}

async function* inBatches<T>(items: AsyncIterable<T>): AsyncGenerator<readonly T[], void> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Whether the upload of this video is done or will never happen. */
function isUnneeded(video: ScannedVideo | undefined): boolean {
  if (video === undefined) return true;
  switch (video.status) {
    case 'stored':
    case 'mirrored':
    case 'skipped':
      return true;
    case 'discovered':
    case 'downloaded':
      return false;
    case 'retrying':
      return video.failedStage === 'sync';
    case 'failed':
      return video.failedStage !== 'upload';
  }
}

function emptyRecordProblem(counts: Counts<'staging'>): ReconcileProblem[] {
  if (counts.files === 0) return [];
  return [
    {
      pass: 'staging',
      errorClass: 'record_unavailable',
      message: `MongoDB has no videos, but staging has ${String(counts.files)} downloaded files; they were kept.`,
      advice:
        'Check MONGO_URL. If the record was lost, run `npm run reconcile -- --from-storage` to rebuild it.',
    },
  ];
}
