import type { Database } from '../database/database.ts';
import { OperatorError, toError } from '../domain/job-errors.ts';

/** @throws OperatorError `record_unavailable` while MongoDB does not answer. */
export async function probeDatabase(database: Database): Promise<void> {
  try {
    await database.ping();
  } catch (thrown) {
    throw new OperatorError('record_unavailable', toError(thrown).message, { cause: thrown });
  }
}
