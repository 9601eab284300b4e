import { randomUUID } from 'node:crypto';
import type { AuditDocument } from './collections/audit.ts';
import { Repository } from './repository.ts';

/** `_id`: where the caller must know it before. */
type BegunRow = Pick<AuditDocument, 'user' | 'via' | 'operation' | 'targets' | 'part_of'> &
  Partial<Pick<AuditDocument, '_id'>>;

/** What people did: one row for each operation. */
export class AuditLog extends Repository<AuditDocument> {
  /** Records that an operation begins. @returns the id of the row. */
  async begin(row: BegunRow): Promise<string> {
    const { _id = randomUUID(), ...fields } = row;
    await this.model.create({ ...fields, _id, at: new Date(), result: null });
    return _id;
  }

  /** Records what came of an operation, or has come of it so far. */
  async finish(id: string, result: unknown): Promise<void> {
    await this.model.updateOne({ _id: id }, { $set: { result } });
  }

  /** What was done to one target, newest first. @param after only rows behind this one */
  async ofTarget(
    target: string,
    limit: number,
    after?: { readonly at: Date; readonly id: string },
  ): Promise<AuditDocument[]> {
    const behind =
      after === undefined
        ? {}
        : { $or: [{ at: { $lt: after.at } }, { at: after.at, _id: { $lt: after.id } }] };
    return await this.model
      .find({ targets: target, ...behind })
      .sort({ at: -1, _id: -1 })
      .limit(limit)
      .lean();
  }
}
