import type { AuditDocument } from '../database/collections/audit.ts';
import type { Database } from '../database/database.ts';
import { definedFields } from '../domain/defined-fields.ts';
import { toError } from '../domain/job-errors.ts';

/** Who does something, and how. */
export interface Actor extends Pick<AuditDocument, 'user' | 'via'> {
  /** The `_id` of the row in the audit, where the caller has to know it. */
  readonly operationId?: string;
  /** The row of the operation on many videos of which this is one batch. */
  readonly partOf?: string;
}

/**
 * Does something for a person and records it in the audit: that it begins, then what came of it. So the row of an operation
 * that was cut off is there, without a result.
 * @param operation such as `videos.skip`
 * @param targets ids of what it is done to
 * @param work gets the `_id` of the row
 */
export async function audited<T>(
  { audit }: Database,
  actor: Actor,
  { operation, targets }: { readonly operation: string; readonly targets: readonly string[] },
  work: (operationId: string) => Promise<T>,
): Promise<T> {
  const { operationId, partOf, ...who } = actor;
  const ids = definedFields({ _id: operationId, part_of: partOf });
  const row = await audit.begin({ ...who, ...ids, operation, targets: [...targets] });
  try {
    const result = await work(row);
    await audit.finish(row, result);
    return result;
  } catch (error) {
    // The error itself is what the caller has to know.
    await audit.finish(row, { error: toError(error).message }).catch(() => undefined);
    throw error;
  }
}
