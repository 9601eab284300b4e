import { isDatabaseUnavailable } from '../../database/database.ts';
import { OperatorError, toError } from '../../domain/job-errors.ts';

/** Without MongoDB no job may go on: the intake pauses until MongoDB is back, and no attempt is counted. */
export async function withRecord<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (thrown) {
    if (!isDatabaseUnavailable(thrown)) throw thrown;
    const message = `MongoDB cannot be used: ${toError(thrown).message}`;
    throw new OperatorError('record_unavailable', message, { cause: thrown });
  }
}
