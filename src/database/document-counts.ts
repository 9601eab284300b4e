import type { Model } from 'mongoose';
import type { CollectedDocument } from './collections/document.ts';
import type { Counted, Groups, KeptCounts } from './kept-counts.ts';

/** How many documents there are, for whoever asks often. */
export class DocumentCounts {
  readonly #kept: KeptCounts;
  readonly #model: Model<CollectedDocument>;

  constructor(kept: KeptCounts, model: Model<CollectedDocument>) {
    this.#kept = kept;
    this.#model = model;
  }

  /** How many documents each source has. */
  async bySource(): Promise<Counted<Groups>> {
    return await this.#kept.read({
      name: 'documents by source',
      model: this.#model,
      // All of them; with it the index on sources is read and no document.
      filter: { source_id: { $gte: '' } },
      by: 'source_id',
    });
  }
}
