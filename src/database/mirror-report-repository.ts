import type { MirrorReportDocument } from './collections/mirror-report.ts';
import { Repository } from './repository.ts';

/** How many reports are kept: three weeks of hourly sweeps. */
const MAX_REPORTS = 500;

/** What runs of the mirror found. */
export class MirrorReportRepository extends Repository<MirrorReportDocument> {
  /** Saves a report and deletes all but the latest 500. A report whose id is known already is not changed. */
  async save(report: MirrorReportDocument): Promise<void> {
    const { _id, ...fields } = report;
    await this.model.updateOne({ _id }, { $setOnInsert: fields }, { upsert: true });
    const oldestKept = await this.model
      .findOne({}, { finished_at: 1 })
      .sort({ finished_at: -1 })
      .skip(MAX_REPORTS - 1)
      .lean();
    if (oldestKept !== null) await this.model.deleteMany({ finished_at: { $lt: oldestKept.finished_at } });
  }

  /**
   * The latest comparison of a bucket and its container.
   * @param pair left out: the latest of all.
   */
  async latest(
    pair: Partial<Pick<MirrorReportDocument, 'bucket' | 'container'>> = {},
  ): Promise<MirrorReportDocument | undefined> {
    return (
      (await this.model.findOne(pair).sort({ finished_at: -1 }).lean<MirrorReportDocument>()) ?? undefined
    );
  }

  /** The latest reports, newest first. */
  async recent(limit: number): Promise<MirrorReportDocument[]> {
    return await this.model.find().sort({ finished_at: -1 }).limit(limit).lean<MirrorReportDocument[]>();
  }
}
