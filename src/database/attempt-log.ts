import type { LogDocument } from './collections/log.ts';
import type { Stage } from '../domain/video-status.ts';
import { Repository } from './repository.ts';

/** The history of attempts: one row for each attempt of a job, whether it succeeded or failed. */
export class AttemptLog extends Repository<LogDocument> {
  async record(row: LogDocument): Promise<void> {
    await this.model.create(row);
  }

  /** In how many rounds, from `fromRound` on, a stage of a video was given up because its workers died. */
  async countLostRounds(videoDocumentId: string, stage: Stage, fromRound: number): Promise<number> {
    const rows = await this.model
      .find(
        { video_id: videoDocumentId, stage, error_class: 'poison', round: { $gte: fromRound } },
        { round: 1 },
      )
      .lean<Pick<LogDocument, 'round'>[]>();
    // An attempt that was killed after it wrote its row is repeated and leaves a second row of the same round.
    return new Set(rows.map(({ round }) => round)).size;
  }

  /** The attempts of one video, newest first. */
  async ofVideo(videoDocumentId: string, limit: number): Promise<LogDocument[]> {
    return await this.model.find({ video_id: videoDocumentId }).sort({ timestamp: -1 }).limit(limit).lean();
  }
}
