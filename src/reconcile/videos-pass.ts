import { addDownloads, LISTS, type Download } from '../backlog/add-downloads.ts';
import { fillWindow } from '../backlog/fill-window.ts';
import type { ScannedVideo } from '../database/video-scan.ts';
import { TransientError } from '../domain/job-errors.ts';
import { videoDocumentId } from '../domain/video-key.ts';
import type { Stage, VideoStatus } from '../domain/video-status.ts';
import { retryJobId, stageJobId } from '../queues/job-ids.ts';
import type { JobPresence } from '../queues/job-lookup.ts';
import type { RetryPayload, StagePayload } from '../queues/payloads.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import { zeroCounts, type Counts } from './report.ts';

/** Videos examined together: one round trip to Redis, and one to MongoDB when jobs are missing. */
const BATCH = 500;

/** The job that an unfinished video should have. */
interface ExpectedJob {
  /** `retry`: a delayed job that starts the next round at the stage. */
  readonly queue: Stage | 'retry';
  readonly stage: Stage;
}

interface VideoWithoutJob {
  readonly video: ScannedVideo;
  readonly presence: Exclude<JobPresence, 'live'>;
}

interface NewJobs {
  readonly downloads: Download[];
  readonly stages: Record<Exclude<Stage, 'download'>, { readonly payload: StagePayload }[]>;
  readonly retries: { readonly payload: RetryPayload; readonly delayMs: number }[];
}

/**
 * Examines all unfinished videos but those that wait in the backlog: they have no job yet. A video without its job gets a new one. A video whose job has ended without a result
 * continues in a new round, because the id of the old job cannot be used again. Such a round counts, so that a video whose
 * jobs are lost again and again fails in the end, with a reason.
 * @param hasStaging whether this machine reaches staging and can tell if a staged file is missing.
 */
export async function reconcileVideos(
  context: ReconcileContext,
  hasStaging: boolean,
): Promise<Counts<'videos'>> {
  const counts = zeroCounts('videos');
  await context.queues.clock.check();
  const pass = new VideosPass(context, hasStaging, counts);
  const statuses: readonly VideoStatus[] = ['retrying', 'discovered', 'downloaded', 'stored'];
  for (const status of statuses) {
    if (status === 'stored' && context.config.azure === undefined) continue;
    const { scan } = context.database;
    for await (const page of status === 'discovered' ? scan.outsideBacklog() : scan.withStatus(status)) {
      for (let start = 0; start < page.length; start += BATCH) {
        context.signal.throwIfAborted();
        await pass.examine(page.slice(start, start + BATCH));
      }
    }
  }
  counts.backlog = await context.database.backlog.count();
  // Whatever should have filled it may have died before.
  if (!context.dryRun) await fillWindow(context);
  return counts;
}

class VideosPass {
  readonly #context: ReconcileContext;
  readonly #hasStaging: boolean;
  readonly #counts: Counts<'videos'>;

  constructor(context: ReconcileContext, hasStaging: boolean, counts: Counts<'videos'>) {
    this.#context = context;
    this.#hasStaging = hasStaging;
    this.#counts = counts;
  }

  async examine(videos: readonly ScannedVideo[]): Promise<void> {
    this.#counts.examined += videos.length;
    const lost = await this.#withoutLiveJob(videos);
    const newJobs: NewJobs = { downloads: [], stages: { upload: [], sync: [] }, retries: [] };
    for (const each of lost) await this.#restoreJob(each, newJobs);
    this.#counts.carried += videos.length - lost.length;
    if (this.#context.dryRun) return;
    await addDownloads(newJobs.downloads, { list: LISTS.again }, this.#context);
    for (const stage of ['upload', 'sync'] as const) {
      await this.#context.queues.addMany(stage, newJobs.stages[stage]);
    }
    await this.#context.queues.addMany('retry', newJobs.retries);
  }

  /** The videos without a live job, except those that changed between the reads of MongoDB and Redis. */
  async #withoutLiveJob(videos: readonly ScannedVideo[]): Promise<VideoWithoutJob[]> {
    const { queues, database } = this.#context;
    const candidates: VideoWithoutJob[] = [];
    const groups = Object.groupBy(videos, (video) => expectedJobOf(video).queue);
    for (const [queue, group] of Object.entries(groups)) {
      const found = await queues.jobs.presence(queue as ExpectedJob['queue'], group.map(jobIdOf));
      for (const [index, video] of group.entries()) {
        const presence = found[index];
        if (presence !== undefined && presence !== 'live') candidates.push({ video, presence });
      }
    }
    const now = await database.scan.find(candidates.map(({ video }) => video.key));
    return candidates.filter(({ video }) => {
      const current = now.get(videoDocumentId(video.key));
      return current?.status === video.status && current.round === video.round;
    });
  }

  async #restoreJob({ video, presence }: VideoWithoutJob, newJobs: NewJobs): Promise<void> {
    const { queue, stage } = expectedJobOf(video);
    if (await this.#isStagedFileMissing(video)) {
      this.#counts.sentBack += 1;
      await this.#openRound(video, 'download', newJobs);
    } else if (presence === 'finished') {
      await this.#openRound(video, stage, newJobs);
    } else if (queue === 'retry') {
      const delayMs = Math.max(0, (video.nextRetryAt?.getTime() ?? 0) - this.#context.queues.clock.nowMs());
      newJobs.retries.push({ payload: { stage, ...video.key, round: video.round }, delayMs });
      this.#counts.waits += 1;
    } else {
      addTo(newJobs, stage, { key: video.key, round: video.round });
      this.#counts.jobs += 1;
    }
  }

  async #openRound(video: ScannedVideo, stage: Stage, newJobs: NewJobs): Promise<void> {
    const { config, database, dryRun } = this.#context;
    if (video.status !== 'retrying' && video.round - video.firstRound >= config.retry.rounds) {
      const own = expectedJobOf(video).stage;
      const error =
        stage === own
          ? new TransientError('worker_lost', `The ${own} job ended without a result in every round.`)
          : new TransientError('staged_file_missing', 'The downloaded file was lost in every round.');
      this.#counts.failed += 1;
      if (!dryRun) {
        await database.videos.markFailed(video.key, video.round, { stage: own, resumeAt: stage }, error);
      }
      return;
    }
    this.#counts.rounds += 1;
    if (dryRun || !(await database.repairs.openRound(video, stage))) return;
    addTo(newJobs, stage, { key: video.key, round: video.round + 1 });
  }

  async #isStagedFileMissing(video: ScannedVideo): Promise<boolean> {
    if (!this.#hasStaging || video.status !== 'downloaded') return false;
    return (await this.#context.staging.findStaged(video.key)) === undefined;
  }
}

function addTo({ downloads, stages }: NewJobs, stage: Stage, next: Download): void {
  if (stage === 'download') downloads.push(next);
  else stages[stage].push({ payload: { ...next.key, round: next.round } });
}

function jobIdOf(video: ScannedVideo): string {
  const { queue, stage } = expectedJobOf(video);
  const idOf = queue === 'retry' ? retryJobId : stageJobId;
  return idOf(stage, video.key, video.round);
}

function expectedJobOf(video: ScannedVideo): ExpectedJob {
  switch (video.status) {
    case 'retrying':
      return { queue: 'retry', stage: video.failedStage ?? 'download' };
    case 'downloaded':
      return { queue: 'upload', stage: 'upload' };
    case 'stored':
      return { queue: 'sync', stage: 'sync' };
    case 'discovered':
    case 'mirrored':
    case 'failed':
    case 'skipped':
      return { queue: 'download', stage: 'download' };
  }
}
