import { ItemError, toError, type AnyJobError, type OperatorError } from '../domain/job-errors.ts';
import type { QueueName } from '../domain/queues.ts';
import type { Egress } from '../egress/egress.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import { ClockError } from '../queues/redis-clock.ts';
import type { Logger } from '../runtime/logger.ts';

export interface AttributionDependencies {
  readonly name: QueueName;
  readonly queues: JobQueues;
  readonly egress: Egress;
  readonly logger: Logger;
  /** How long after a fault it is probed. */
  readonly probeMs: number;
}

/** A failure, and how long its job is put back if it is not counted. */
export interface AttributedFailure {
  readonly error: AnyJobError;
  readonly delayMs: number;
}

/** An item that meets a fault again and again comes back after this many probe intervals at most. */
const MAX_DELAY_FACTOR = 10;

/**
 * Decides whether an item or its surroundings (a disk, a key, a program, an egress address) cause a failure that would
 * not be counted: no item may stop the others. Every such failure is a strike of its item. Where a job of another item
 * that began after the last strike has succeeded and this item meets the same error again, the item is the cause: the
 * failure becomes an ItemError, which counts like any transient one. For egress addresses the ledger has decided that
 * already.
 */
export function createAttribution(dependencies: AttributionDependencies) {
  const { name, queues, egress, logger, probeMs } = dependencies;

  async function attributeFault(error: OperatorError, item: string): Promise<AttributedFailure> {
    const uncounted = { error, delayMs: probeMs };
    if (error instanceof ClockError) return uncounted;
    // Tasks share nothing but their queue, so that a fault of one says nothing about the others.
    if (name === 'maintenance') return { error: new ItemError(error), delayMs: 0 };
    const previous = await queues.strikes.find(name, item);
    const isSame = previous?.class === error.errorClass;
    if (isSame && (await queues.strikes.lastSuccessStartedAtMs(name)) > previous.at.getTime()) {
      return { error: new ItemError(error), delayMs: 0 };
    }
    const delayMs = probeMs * Math.min((isSame ? previous.count : 0) + 1, MAX_DELAY_FACTOR);
    await addStrike(error, item, delayMs);
    return { error, delayMs };
  }

  async function addStrike(error: AnyJobError, item: string, delayMs: number): Promise<void> {
    const { errorClass, message: reason } = error;
    await queues.strikes.add({ queue: name, item, class: errorClass, reason, delayMs });
  }

  /** @param isStopped whether the job was told to stop: an interruption is then no wish of its own. */
  return async (error: AnyJobError, item: string, isStopped: boolean): Promise<AttributedFailure> => {
    try {
      if (error.outcome === 'interrupted' && !isStopped) return { error: new ItemError(error), delayMs: 0 };
      if (error.outcome === 'operator') return await attributeFault(error, item);
      if (error.outcome !== 'throttled') return { error, delayMs: 0 };
      const { delayMs, expectedMs } = await egress.returnAfter(error);
      await addStrike(error, item, expectedMs);
      return { error, delayMs };
    } catch (failure) {
      logger.warn({ err: toError(failure) }, 'The strikes of an item cannot be read');
      return { error, delayMs: probeMs };
    }
  };
}
