import { OperatorError, toError, type JobError } from '../domain/job-errors.ts';
import { transferToJobError, UnavailableError, withoutSecrets } from './storage-errors.ts';

const MAX_MESSAGE_CHARACTERS = 400;

/**
 * The error when an identity gets no token or keys.
 * @param message the beginning of a sentence, such as `There is no access token for Azure`
 * @param status the HTTP status of the answer; 0 without one
 * @returns OperatorError `credentials`; UnavailableError when the service of identities is away.
 */
export function identityError(message: string, thrown: unknown, status: number): JobError {
  const cause = toError(thrown);
  const reason = withoutSecrets(cause.message).replace(/\s+/g, ' ').slice(0, MAX_MESSAGE_CHARACTERS);
  const sentence = `${message}: ${reason}`;
  if (status === 429 || status >= 500) return new UnavailableError('server_error', sentence, { cause });
  if (transferToJobError(cause, message) instanceof UnavailableError)
    return new UnavailableError('network', sentence, { cause });
  return new OperatorError('credentials', sentence, { cause });
}
