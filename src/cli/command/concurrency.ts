import { isQueueName, QUEUE_NAMES, type QueueName } from '../../domain/queues.ts';
import { usageError } from './run-command.ts';

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
      throw usageError(`--concurrency: ${part.trim()} names no queue; there are ${QUEUE_NAMES.join(', ')}.`);
    }
    if (!/^\d+$/.test(value) || number < 1 || number > MOST) {
      throw usageError(`--concurrency: ${part.trim()} needs a number from 1 to ${String(MOST)}.`);
    }
    result[name] = number;
  }
  return result;
}
