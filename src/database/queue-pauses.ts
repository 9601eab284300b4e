import type { QueueName } from '../domain/queues.ts';
import type { QueuePauseDocument } from './collections/queue-pause.ts';
import { Repository } from './repository.ts';
import { unlessDuplicateKey } from './server-errors.ts';

/** The queues that people have paused. What workers go by is BullMQ's own mark in Redis, which reconcile makes again. */
export class QueuePauses extends Repository<QueuePauseDocument> {
  async all(): Promise<QueuePauseDocument[]> {
    return await this.model.find().sort({ _id: 1 }).lean();
  }

  /** @returns false when it was paused before: who did so first stays on record. */
  async add(queue: QueueName, by: Pick<QueuePauseDocument, 'user' | 'via'>): Promise<boolean> {
    const update = { $setOnInsert: { ...by, at: new Date() } };
    const result = await unlessDuplicateKey(this.model.updateOne({ _id: queue }, update, { upsert: true }));
    return result !== undefined && result.upsertedCount > 0;
  }

  /** @returns false when it was not on record. */
  async remove(queue: QueueName): Promise<boolean> {
    return (await this.model.deleteOne({ _id: queue })).deletedCount > 0;
  }
}
