import { OperatorError, toError, TransientError, type JobError } from '../runtime/job-errors.ts';

/** Redis begins its refusal of a write with this word when `maxmemory` is reached. */
const OUT_OF_MEMORY = /^(?:ReplyError: )?OOM\b|\bOOM command not allowed\b/;

/** Whether Redis refused a command because its memory is full. */
export function isRedisFull(thrown: unknown): boolean {
  return OUT_OF_MEMORY.test(toError(thrown).message);
}

/** The JobError of a command that Redis did not take. `what` names the command and holds no secrets. */
export function redisFailure(what: string, thrown: unknown): JobError {
  if (isRedisFull(thrown)) {
    return new OperatorError('redis_full', `Redis did not take the command (${what}): its memory is full.`, {
      cause: thrown,
    });
  }
  return new TransientError(
    'network',
    `Redis did not take the command (${what}): ${toError(thrown).message}`,
    { cause: thrown },
  );
}
