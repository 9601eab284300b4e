import type { ReportDocument } from './collections/report.ts';
import { Repository } from './repository.ts';

/** How many reports are kept: a little more than a year of daily ones. */
const MAX_REPORTS = 400;

export class ReportRepository extends Repository<ReportDocument> {
  /** Saves a report and deletes all but the latest 400. A report whose name is known already is not changed. */
  async save(report: ReportDocument): Promise<void> {
    const { _id, ...fields } = report;
    await this.model.updateOne({ _id }, { $setOnInsert: fields }, { upsert: true });
    const oldestKept = await this.model
      .findOne({}, { made_at: 1 })
      .sort({ made_at: -1 })
      .skip(MAX_REPORTS - 1)
      .lean();
    if (oldestKept !== null) await this.model.deleteMany({ made_at: { $lt: oldestKept.made_at } });
  }

  /** The digest of a report was sent to the webhook. */
  async markDelivered(name: string, at: Date): Promise<void> {
    await this.model.updateOne({ _id: name }, { $set: { delivered_at: at } });
  }

  async isDelivered(name: string): Promise<boolean> {
    return (await this.model.exists({ _id: name, delivered_at: { $ne: null } })) !== null;
  }

  /** The latest reports without their pages, newest first. */
  async latest(limit: number): Promise<Omit<ReportDocument, 'html'>[]> {
    return await this.model
      .find({}, { html: 0 })
      .sort({ made_at: -1 })
      .limit(limit)
      .lean<Omit<ReportDocument, 'html'>[]>();
  }
}
