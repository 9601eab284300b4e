import type { Database } from '../database/database.ts';
import { OperatorError, toError } from '../domain/job-errors.ts';
import type { StagingConfig } from '../config/config.ts';
import { measureStaging } from '../staging/staging-usage.ts';

/** Less than this does not suffice for one audio file, whatever STAGING_MIN_FREE_BYTES says. */
const MIN_FREE_BYTES = 16 * 1024 ** 2;

/** @throws OperatorError `record_unavailable` while MongoDB does not answer. */
export async function probeDatabase(database: Database): Promise<void> {
  try {
    await database.ping();
  } catch (thrown) {
    throw new OperatorError('record_unavailable', toError(thrown).message, { cause: thrown });
  }
}

/** @throws OperatorError while the staging directory cannot be read or its disk is full. */
export async function probeStaging(staging: StagingConfig): Promise<void> {
  const { freeBytes } = await measureStaging(staging.directory);
  if (freeBytes < Math.max(MIN_FREE_BYTES, staging.minFreeBytes)) {
    throw new OperatorError('disk_full', 'The disk of the staging directory is still full.');
  }
}
