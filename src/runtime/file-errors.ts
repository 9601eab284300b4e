import { JobError, OperatorError, TransientError, toError } from '../domain/job-errors.ts';

/** Gives a failure of the file system its class: a full disk and missing rights are for a person to mend. */
export function fileError(thrown: unknown, what: string): JobError {
  if (thrown instanceof JobError) return thrown;
  const error = toError(thrown);
  const code = 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new OperatorError('disk_full', `${what}: no space is left.`, { cause: error });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOTDIR':
      return new OperatorError('local_configuration', `${what}: not allowed (${code}).`, { cause: error });
    default:
      return new TransientError('unknown', `${what}: ${error.message}`, { cause: error });
  }
}
