import type { Model, QueryFilter } from 'mongoose';
import { recordOf } from '../domain/defined-fields.ts';
import { VIDEO_STATUSES, type VideoStatus } from '../domain/video-status.ts';
import type { VideoDocument } from './collections/video.ts';
import { sumOf, type Counted, type Counting, type KeptCounts } from './kept-counts.ts';

interface FailedCount {
  readonly errorClass: string;
  readonly count: number;
}

/** Of a large archive, a status with so few videos is counted for each who asks all the same. */
const FEW_SHARE = 0.1;

/** How many videos there are, for whoever asks often. */
export class VideoCounts {
  readonly #kept: KeptCounts;
  readonly #countings: Readonly<Record<'statuses' | 'failures' | 'backlog', Counting>>;

  constructor(kept: KeptCounts, model: Model<VideoDocument>) {
    this.#kept = kept;
    const counting = (name: string, filter: QueryFilter<VideoDocument>, by: string) => ({
      ...{ name, model, filter, by },
    });
    this.#countings = {
      statuses: counting('videos by status', { status: { $in: VIDEO_STATUSES } }, 'status'),
      failures: counting('failed videos by class', { status: 'failed' }, 'error.class'),
      backlog: counting(
        'videos in the backlog',
        { status: 'discovered', backlog_order: { $gte: 0 } },
        'status',
      ),
    };
  }

  /** How many videos have each status. One that few have is counted now, however many videos there are. */
  async byStatus(): Promise<Counted<Record<VideoStatus, number>>> {
    const { statuses } = this.#countings;
    const { counts, countedAt } = await this.#kept.read(statuses);
    const most = this.#kept.exactUpTo * FEW_SHARE;
    const few = VIDEO_STATUSES.filter((status) => (counts.get(status) ?? 0) <= most);
    const now =
      countedAt === undefined
        ? undefined
        : await this.#kept.countFew({ ...statuses, filter: { status: { $in: few } } });
    const countOf = (status: VideoStatus) =>
      (now !== undefined && few.includes(status) ? now : counts).get(status) ?? 0;
    return { counts: recordOf(VIDEO_STATUSES, countOf), countedAt };
  }

  /** How many failed videos each error class has, the largest first. */
  async failuresByClass(): Promise<Counted<readonly FailedCount[]>> {
    const { counts, countedAt } = await this.#kept.read(this.#countings.failures);
    const failures = Array.from(counts, ([errorClass, count]) => ({ errorClass, count }));
    return { counts: failures.toSorted((one, other) => other.count - one.count), countedAt };
  }

  /** How many videos wait in the backlog for a download job. */
  async waitingForJob(): Promise<Counted<number>> {
    const { counts, countedAt } = await this.#kept.read(this.#countings.backlog);
    return { counts: sumOf(counts), countedAt };
  }

  /** Counts anew what was too large to be counted for each who asks. */
  async renew(signal: AbortSignal): Promise<void> {
    for (const counting of Object.values(this.#countings)) {
      signal.throwIfAborted();
      await this.#kept.renew(counting);
    }
  }
}
