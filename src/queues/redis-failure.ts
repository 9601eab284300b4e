import { OperatorError, toError } from '../domain/job-errors.ts';

/** How Redis begins its refusal of a write when `maxmemory` is reached. */
const OUT_OF_MEMORY = /^(?:ReplyError: )?OOM\b|\bOOM command not allowed\b/;

/** Whether Redis refused a command because its memory is full. */
export function isRedisFull(thrown: unknown): boolean {
  return OUT_OF_MEMORY.test(toError(thrown).message);
}

/**
 * The error of a command that Redis refused or did not answer. The job is not at fault: no attempt is counted, and jobs
 * wait until Redis works again.
 * @param command names it, without secrets.
 */
export function redisFailure(command: string, thrown: unknown): OperatorError {
  const isFull = isRedisFull(thrown);
  return new OperatorError(
    isFull ? 'redis_full' : 'redis_unavailable',
    `Redis did not execute the command (${command}): ${isFull ? 'its memory is full.' : toError(thrown).message}`,
    { cause: thrown },
  );
}

/** Runs commands of Redis. @throws OperatorError `redis_full` or `redis_unavailable` when one fails. */
export async function withRedisErrors<T>(command: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw redisFailure(command, error);
  }
}
