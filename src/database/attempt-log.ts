import type { Model } from 'mongoose';
import type { LogDocument } from './documents.ts';

/** The history of attempts: one row for each run of a job, success or failure. */
export class AttemptLog {
  readonly #logs: Model<LogDocument>;

  constructor(logs: Model<LogDocument>) {
    this.#logs = logs;
  }

  async record(row: LogDocument): Promise<void> {
    await this.#logs.create(row);
  }

  /** The attempts of one video, newest first. */
  async ofVideo(videoDocumentId: string, limit: number): Promise<LogDocument[]> {
    return await this.#logs
      .find({ video_id: videoDocumentId })
      .sort({ timestamp: -1 })
      .limit(limit)
      .lean<LogDocument[]>();
  }
}
