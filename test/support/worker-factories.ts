import { QUEUE_NAMES } from '../../src/domain/queues.ts';
import { loadFactories } from '../../src/workers/worker-factories.ts';

/** Those of a worker for all queues. */
export const WORKER_FACTORIES = await loadFactories(QUEUE_NAMES, true, 'directory');
