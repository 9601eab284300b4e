import { JobError, OperatorError, TransientError, toError } from '../domain/job-errors.ts';

/** The JobError of a failed file operation: a person must repair a full disk or missing permissions. */
export function fileError(thrown: unknown, what: string): JobError {
  if (thrown instanceof JobError) return thrown;
  const error = toError(thrown);
  const code = 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new OperatorError('disk_full', `${what}: no space left on the disk.`, { cause: error });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOTDIR':
      return new OperatorError('local_configuration', `${what}: not permitted (${code}).`, { cause: error });
    default:
      return new TransientError('unknown', `${what}: ${error.message}`, { cause: error });
  }
}
