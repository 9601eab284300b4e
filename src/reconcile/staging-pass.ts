import { stat } from 'node:fs/promises';
import type { ScannedVideo } from '../database/video-scan.ts';
import { videoDocumentId, type VideoKey } from '../domain/video-key.ts';
import type { ReconcileProblem, StagingCounts } from './report.ts';
import type { ReconcileOptions } from './reconcile-options.ts';

/** Files looked at together. */
const BATCH = 500;
/** A job that nothing has been heard of for this long is dead, however long its deadlines are. */
const WORK_ABANDONED_MS = 3_600_000;

/** Whether this machine has the staging directory; where it has none, nothing can be said of staged files. */
export async function hasStagingDirectory({ config }: ReconcileOptions): Promise<boolean> {
  const found = await stat(config.staging.directory).catch(() => undefined);
  return found?.isDirectory() === true;
}

/** Removes staged files that nobody waits for, and what dead workers left; files of videos on their way stay. */
export async function reconcileStaging(
  options: ReconcileOptions,
): Promise<{ counts: StagingCounts; problems: ReconcileProblem[] }> {
  const { config, database, staging, signal } = options;
  const counts: StagingCounts = { files: 0, strays: 0, strayMetadata: 0, adopted: 0, workDirectories: 0 };
  if (!options.dryRun) {
    counts.workDirectories = await staging.pruneWork(Math.max(WORK_ABANDONED_MS, config.media.stallMs * 4));
  }
  // An empty record is one that was lost, or another than was meant: no reason to throw hours of work away.
  const isRecordLost = await database.scan.isEmpty();
  let batch: VideoKey[] = [];
  const flush = async () => {
    const known = await database.scan.find(batch);
    for (const key of batch) {
      signal.throwIfAborted();
      const video = known.get(videoDocumentId(key));
      if (video === undefined && options.fromStorage) await adopt(key, options, counts);
      else if (!isRecordLost && isStray(video)) await remove(key, options, counts);
    }
    batch = [];
  };
  for await (const { key } of staging.listStaged()) {
    counts.files += 1;
    batch.push(key);
    if (batch.length >= BATCH) await flush();
  }
  await flush();
  if (!isRecordLost) await removeLoneFacts(options, counts);
  return { counts, problems: isRecordLost && !options.fromStorage ? lostRecord(counts) : [] };
}

/**
 * Facts files without their audio say nothing to anybody, but the next download of a video that waits replaces them
 * anyway; so only those of videos that nobody waits for are removed, and no worker is in the middle of staging one.
 */
async function removeLoneFacts(options: ReconcileOptions, counts: StagingCounts): Promise<void> {
  const { database, dryRun, signal, staging } = options;
  let batch: VideoKey[] = [];
  const flush = async () => {
    const known = await database.scan.find(batch);
    for (const key of batch) {
      signal.throwIfAborted();
      if (!isStray(known.get(videoDocumentId(key)))) continue;
      counts.strayMetadata += 1;
      if (!dryRun) await staging.removeStaged(key);
    }
    batch = [];
  };
  for await (const key of staging.listOrphanedMetadata(WORK_ABANDONED_MS)) {
    batch.push(key);
    if (batch.length >= BATCH) await flush();
  }
  await flush();
}

async function remove(key: VideoKey, options: ReconcileOptions, counts: StagingCounts): Promise<void> {
  counts.strays += 1;
  if (options.dryRun) return;
  await options.staging.removeStaged(key);
  options.logger.info({ video: videoDocumentId(key) }, 'A staged file that nobody waits for was removed');
}

async function adopt(key: VideoKey, options: ReconcileOptions, counts: StagingCounts): Promise<void> {
  const staged = await options.staging.readStaged(key);
  if (staged === undefined) return;
  if (options.dryRun || (await options.database.repairs.adopt({ key, ...staged.metadata }))) {
    counts.adopted += 1;
  }
}

/** Whether the upload of this video is over or will never be. */
function isStray(video: ScannedVideo | undefined): boolean {
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

function lostRecord(counts: StagingCounts): ReconcileProblem[] {
  if (counts.files === 0) return [];
  return [
    {
      pass: 'staging',
      errorClass: 'record_unavailable',
      message: `MongoDB knows no video at all, but ${String(counts.files)} downloaded files wait in the staging directory; they were left there.`,
      advice:
        'Check MONGO_URL. If the record was lost, run `npm run reconcile -- --from-storage` to rebuild it.',
    },
  ];
}
