import { OperatorError, toError } from '../domain/job-errors.ts';

/** Redis begins its refusal of a write with this word when `maxmemory` is reached. */
const OUT_OF_MEMORY = /^(?:ReplyError: )?OOM\b|\bOOM command not allowed\b/;

/** Whether Redis refused a command because its memory is full. */
export function isRedisFull(thrown: unknown): boolean {
  return OUT_OF_MEMORY.test(toError(thrown).message);
}

/**
 * The error of a command that Redis did not take, or did not confirm. Whatever the work was, it is not at fault: no
 * attempt is counted, and jobs wait until Redis answers again. `what` names the command and holds no secrets.
 */
export function redisFailure(what: string, thrown: unknown): OperatorError {
  const isFull = isRedisFull(thrown);
  const reason = isFull ? 'its memory is full.' : toError(thrown).message;
  return new OperatorError(
    isFull ? 'redis_full' : 'redis_unavailable',
    `Redis did not take the command (${what}): ${reason}`,
    { cause: thrown },
  );
}
