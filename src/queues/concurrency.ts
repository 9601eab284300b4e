import { isQueueName, QUEUE_NAMES, type QueueName } from '../domain/queues.ts';
import { UserError } from '../runtime/user-error.ts';

const MOST = 256;

/**
 * Reads `download=4,upload=8`.
 * @throws UserError that names the part which is wrong.
 */
export function parseConcurrency(text: string): Partial<Record<QueueName, number>> {
  const result: Partial<Record<QueueName, number>> = {};
  for (const part of text.split(',')) {
    const [name = '', value = ''] = part.trim().split('=');
    const number = Number(value);
    if (!isQueueName(name)) {
      throw new UserError(
        `--concurrency: ${part.trim()} names no queue; there are ${QUEUE_NAMES.join(', ')}.`,
        {
          exitCode: 2,
        },
      );
    }
    if (!/^\d+$/.test(value) || number < 1 || number > MOST) {
      throw new UserError(`--concurrency: ${part.trim()} needs a number from 1 to ${String(MOST)}.`, {
        exitCode: 2,
      });
    }
    result[name] = number;
  }
  return result;
}
