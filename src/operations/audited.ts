import type { AuditDocument } from '../database/collections/audit.ts';
import type { Database } from '../database/database.ts';
import { toError } from '../domain/job-errors.ts';

/** Who does something, and how. */
export type Actor = Pick<AuditDocument, 'user' | 'via'>;

/**
 * Does something for a person and records it in the audit: that it begins, then what came of it. So the row of an operation
 * that was cut off is there, without a result.
 * @param operation such as `videos.skip`
 * @param targets ids of what it is done to
 */
export async function audited<T>(
  { audit }: Database,
  actor: Actor,
  { operation, targets }: { readonly operation: string; readonly targets: readonly string[] },
  work: () => Promise<T>,
): Promise<T> {
  const row = await audit.begin({ ...actor, operation, targets: [...targets] });
  try {
    const result = await work();
    await audit.finish(row, result);
    return result;
  } catch (error) {
    // The error itself is what the caller has to know.
    await audit.finish(row, { error: toError(error).message }).catch(() => undefined);
    throw error;
  }
}
