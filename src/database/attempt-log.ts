import { Types } from 'mongoose';
import type { LogDocument } from './collections/log.ts';
import type { ErrorClass } from '../domain/error-classes.ts';
import type { Stage } from '../domain/video-status.ts';
import { BatchedCalls } from '../runtime/batched-calls.ts';
import { Repository } from './repository.ts';
import { isDatabaseUnavailable, unlessDuplicateKey } from './server-errors.ts';

/** More than many workers write in a day. */
const MAX_ROWS = 500_000;

/** The history of attempts: one row for each attempt of a job, whether it succeeded or failed. */
export class AttemptLog extends Repository<LogDocument> {
  readonly #records = new BatchedCalls<LogDocument, undefined>((rows) => this.#insert(rows));

  /**
   * Resolves when the row is written: what follows from the attempt may be recorded then.
   * @param patienceMs how long it may wait for rows of other jobs
   */
  async record(row: LogDocument, patienceMs?: number): Promise<void> {
    await this.#records.call(row, patienceMs);
  }

  async #insert(rows: readonly LogDocument[]): Promise<readonly (undefined | Promise<undefined>)[]> {
    const documents = rows.map((row) => ({ _id: new Types.ObjectId(), ...row }));
    try {
      // Their types are those of the schema; without mongoose's documents this takes half the time.
      await this.model.insertMany(documents, { ordered: false, lean: true });
      return rows.map(() => undefined);
    } catch (error) {
      if (isDatabaseUnavailable(error)) throw error;
      // One of them was refused; which the others are is not told. Those that were written exist.
      return documents.map(async (document) => {
        await unlessDuplicateKey(this.model.create(document));
        return undefined;
      });
    }
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

  /**
   * When the present, unbroken series of attempts with one of these error classes began.
   * @returns undefined when the latest attempt did not end with one of them.
   */
  async seriesBegan(videoDocumentId: string, errorClasses: readonly ErrorClass[]): Promise<Date | undefined> {
    const find = (filter: object, direction: 1 | -1) =>
      this.model
        .findOne({ video_id: videoDocumentId, ...filter }, { timestamp: 1 })
        .sort({ timestamp: direction })
        .lean<Pick<LogDocument, 'timestamp'>>();
    const before = await find({ error_class: { $nin: errorClasses } }, -1);
    const first = await find(before === null ? {} : { timestamp: { $gt: before.timestamp } }, 1);
    return first?.timestamp;
  }

  /** The minutes from a moment on in which attempts failed, and how many did; of very many the latest. */
  async failedSince(from: Date, maxRows = MAX_ROWS): Promise<{ minute: Date; failed: number }[]> {
    const minutes = await this.model.aggregate<{ _id: string; failed: number }>([
      // The index on the time alone leads: most attempts succeed.
      { $match: { timestamp: { $gte: from } } },
      { $sort: { timestamp: -1 } },
      { $limit: maxRows },
      { $match: { status: 'failed' } },
      {
        $group: {
          _id: { $dateToString: { date: '$timestamp', format: '%Y-%m-%dT%H:%M' } },
          failed: { $sum: 1 },
        },
      },
    ]);
    return minutes.map(({ _id, failed }) => ({ minute: new Date(`${_id}:00Z`), failed }));
  }

  /** The attempts of one video, newest first. */
  async ofVideo(videoDocumentId: string, limit: number): Promise<LogDocument[]> {
    return await this.model.find({ video_id: videoDocumentId }).sort({ timestamp: -1 }).limit(limit).lean();
  }
}
