import type { Model } from 'mongoose';
import type { ReportDocument } from './collection-documents.ts';

/** How many reports are kept: a little more than a year of daily ones. */
const MOST_REPORTS = 400;

/** The reports that were made, as pages. */
export class ReportRepository {
  readonly #reports: Model<ReportDocument>;

  constructor(reports: Model<ReportDocument>) {
    this.#reports = reports;
  }

  /** Keeps a report, and the latest 400 in all. Keeping one of the same name again changes nothing. */
  async save(report: ReportDocument): Promise<void> {
    const { _id, ...fields } = report;
    await this.#reports.updateOne({ _id }, { $setOnInsert: fields }, { upsert: true });
    const [oldestKept] = await this.#reports
      .find({}, { made_at: 1 })
      .sort({ made_at: -1 })
      .skip(MOST_REPORTS - 1)
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
