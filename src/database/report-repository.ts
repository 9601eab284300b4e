import type { ReportDocument } from './collections/report.ts';
import type { Model } from 'mongoose';

/** How many reports are kept: a little more than a year of daily ones. */
const MAX_REPORTS = 400;

export class ReportRepository {
  readonly #reports: Model<ReportDocument>;

  constructor(reports: Model<ReportDocument>) {
    this.#reports = reports;
  }

  /** Saves a report and deletes all but the latest 400. A report whose name is known already is not changed. */
  async save(report: ReportDocument): Promise<void> {
    const { _id, ...fields } = report;
    await this.#reports.updateOne({ _id }, { $setOnInsert: fields }, { upsert: true });
    const [oldestKept] = await this.#reports
      .find({}, { made_at: 1 })
      .sort({ made_at: -1 })
      .skip(MAX_REPORTS - 1)
      .limit(1)
      .lean<Pick<ReportDocument, 'made_at'>[]>();
    if (oldestKept !== undefined) await this.#reports.deleteMany({ made_at: { $lt: oldestKept.made_at } });
  }

  /** The latest reports without their pages, newest first. */
  async latest(limit: number): Promise<Omit<ReportDocument, 'html'>[]> {
    return await this.#reports
      .find({}, { html: 0 })
      .sort({ made_at: -1 })
      .limit(limit)
      .lean<Omit<ReportDocument, 'html'>[]>();
  }

  async find(name: string): Promise<ReportDocument | undefined> {
    return (await this.#reports.findById(name).lean<ReportDocument>()) ?? undefined;
  }
}
