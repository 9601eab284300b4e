import type { Model } from 'mongoose';

/** What all repositories share: the model of their collection. */
export class Repository<Document> {
  protected readonly model: Model<Document>;

  constructor(model: Model<Document>) {
    this.model = model;
  }

  async findById(id: string): Promise<Document | undefined> {
    return (await this.model.findById(id).lean<Document>()) ?? undefined;
  }
}
