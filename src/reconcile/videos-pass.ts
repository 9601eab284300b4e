import type { Stage, VideoStatus } from '../domain/video-status.ts';
import type { ScannedVideo } from '../database/video-scan.ts';
import { retryJobId, stageJobId } from '../queues/job-ids.ts';
import type { JobPresence } from '../queues/job-presence.ts';
import { TransientError } from '../domain/job-errors.ts';
import { videoDocumentId, type VideoKey } from '../domain/video-key.ts';
import type { VideoCounts } from './report.ts';
import type { ReconcileOptions } from './reconcile-options.ts';

/** Videos looked at together: a round trip to Redis, and one to MongoDB when some of them lack their jobs. */
const BATCH = 500;

/** The job that should carry a video. */
type ExpectedJob =
  | { readonly kind: 'stage'; readonly stage: Stage }
  /** Waits until the next round at that stage. */
  | { readonly kind: 'retry'; readonly stage: Stage };

interface Additions {
  readonly jobs: Record<Stage, { readonly key: VideoKey; readonly round: number }[]>;
  readonly waits: { stage: Stage; key: VideoKey; round: number; delayMs: number }[];
}

/**
 * Looks after all videos that are not at an end: one without its job gets it back; one whose job has ended without
 * it goes on in a new round, as the old job's id is used up. Such a round counts, so that a video that gets lost
 * each time ends as failed, with a reason.
 * @param hasStaging whether this machine can tell if a staged file is there.
 */
export async function reconcileVideos(options: ReconcileOptions, hasStaging: boolean): Promise<VideoCounts> {
  const counts = { examined: 0, carried: 0, jobs: 0, waits: 0, rounds: 0, sentBack: 0, failed: 0 };
  await options.queues.clock.check();
  const pass = new VideosPass(options, hasStaging, counts);
  const statuses: readonly VideoStatus[] = ['retrying', 'discovered', 'downloaded', 'stored'];
  for (const status of statuses) {
    if (status === 'stored' && options.config.azure === undefined) continue;
    for await (const page of options.database.scan.withStatus(status)) {
      for (let start = 0; start < page.length; start += BATCH) {
        options.signal.throwIfAborted();
        await pass.examine(page.slice(start, start + BATCH));
      }
    }
  }
  return counts;
}

class VideosPass {
  readonly #options: ReconcileOptions;
  readonly #hasStaging: boolean;
  readonly #counts: VideoCounts;

  constructor(options: ReconcileOptions, hasStaging: boolean, counts: VideoCounts) {
    this.#options = options;
    this.#hasStaging = hasStaging;
    this.#counts = counts;
  }

  async examine(videos: readonly ScannedVideo[]): Promise<void> {
    this.#counts.examined += videos.length;
    const lost = await this.#withoutLiveJob(videos);
    const additions: Additions = { jobs: { download: [], upload: [], sync: [] }, waits: [] };
    for (const { video, presence } of lost) await this.#bringBack(video, presence, additions);
    this.#counts.carried += videos.length - lost.length;
    if (this.#options.dryRun) return;
    for (const stage of ['download', 'upload', 'sync'] as const) {
      await this.#options.queues.addStages(stage, additions.jobs[stage]);
    }
    await this.#options.queues.addRetries(additions.waits);
  }

  /** The videos that no job carries; those that moved on between the looks at MongoDB, Redis and MongoDB are not among them. */
  async #withoutLiveJob(
    videos: readonly ScannedVideo[],
  ): Promise<{ video: ScannedVideo; presence: 'finished' | 'missing' }[]> {
    const { queues, database } = this.#options;
    const suspects: { video: ScannedVideo; presence: 'finished' | 'missing' }[] = [];
    for (const [queue, group] of Object.entries(groupByQueue(videos))) {
      if (group.length === 0) continue;
      const found = await queues.presence(queue as keyof Groups, group.map(jobIdOf));
      for (const [index, video] of group.entries()) {
        const presence: JobPresence | undefined = found[index];
        if (presence === 'finished' || presence === 'missing') suspects.push({ video, presence });
      }
    }
    const now = await database.scan.find(suspects.map(({ video }) => video.key));
    return suspects.filter(({ video }) => {
      const again = now.get(videoDocumentId(video.key));
      return again?.status === video.status && again.round === video.round;
    });
  }

  async #bringBack(
    video: ScannedVideo,
    presence: 'finished' | 'missing',
    additions: Additions,
  ): Promise<void> {
    const carrier = expectedJobOf(video);
    const { stage } = carrier;
    if (await this.#isStagedFileGone(video)) {
      this.#counts.sentBack += 1;
      await this.#openRound(video, 'download', additions);
    } else if (presence === 'finished') {
      await this.#openRound(video, stage, additions);
    } else if (carrier.kind === 'retry') {
      const delayMs = Math.max(0, (video.nextRetryAt?.getTime() ?? 0) - this.#options.queues.clock.nowMs());
      additions.waits.push({ stage, key: video.key, round: video.round, delayMs });
      this.#counts.waits += 1;
    } else {
      additions.jobs[stage].push({ key: video.key, round: video.round });
      this.#counts.jobs += 1;
    }
  }

  async #openRound(video: ScannedVideo, stage: Stage, additions: Additions): Promise<void> {
    const { config, database, dryRun } = this.#options;
    if (video.status !== 'retrying' && video.round - video.firstRound >= config.retry.rounds) {
      const own = expectedJobOf(video).stage;
      const error =
        stage === own
          ? new TransientError('worker_lost', `Its ${own} job ended without a result, in every round it had.`)
          : new TransientError('staged_file_missing', 'The downloaded file was lost in every round it had.');
      this.#counts.failed += 1;
      if (!dryRun) {
        await database.videos.markFailed(video.key, video.round, { stage: own, resumeAt: stage }, error);
      }
      return;
    }
    this.#counts.rounds += 1;
    if (dryRun || !(await database.repairs.openRound(video, stage))) return;
    additions.jobs[stage].push({ key: video.key, round: video.round + 1 });
  }

  async #isStagedFileGone(video: ScannedVideo): Promise<boolean> {
    if (!this.#hasStaging || video.status !== 'downloaded') return false;
    return (await this.#options.staging.findStaged(video.key)) === undefined;
  }
}

type Groups = Record<Stage | 'retry', ScannedVideo[]>;

function groupByQueue(videos: readonly ScannedVideo[]): Groups {
  const groups: Groups = { download: [], upload: [], sync: [], retry: [] };
  for (const video of videos) {
    const carrier = expectedJobOf(video);
    groups[carrier.kind === 'retry' ? 'retry' : carrier.stage].push(video);
  }
  return groups;
}

function jobIdOf(video: ScannedVideo): string {
  const { kind, stage } = expectedJobOf(video);
  return kind === 'retry'
    ? retryJobId(stage, video.key, video.round)
    : stageJobId(stage, video.key, video.round);
}

function expectedJobOf(video: ScannedVideo): ExpectedJob {
  switch (video.status) {
    case 'retrying':
      return { kind: 'retry', stage: video.failedStage ?? 'download' };
    case 'downloaded':
      return { kind: 'stage', stage: 'upload' };
    case 'stored':
      return { kind: 'stage', stage: 'sync' };
    case 'discovered':
    case 'mirrored':
    case 'failed':
    case 'skipped':
      return { kind: 'stage', stage: 'download' };
  }
}
