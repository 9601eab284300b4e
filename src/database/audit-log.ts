import { randomUUID } from 'node:crypto';
import type { AuditDocument } from './collections/audit.ts';
import { Repository } from './repository.ts';

/** What people did: one row for each operation. */
export class AuditLog extends Repository<AuditDocument> {
  /** Records that an operation begins. @returns the id of the row. */
  async begin(row: Pick<AuditDocument, 'user' | 'via' | 'operation' | 'targets'>): Promise<string> {
    const _id = randomUUID();
    await this.model.create({ ...row, _id, at: new Date(), result: null });
    return _id;
  }

  /** Records what came of an operation. */
  async finish(id: string, result: unknown): Promise<void> {
    await this.model.updateOne({ _id: id }, { $set: { result } });
  }

  /** What was done to one target, newest first. */
  async ofTarget(target: string, limit: number): Promise<AuditDocument[]> {
    return await this.model.find({ targets: target }).sort({ at: -1 }).limit(limit).lean();
  }
}
