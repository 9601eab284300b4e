import type { ConfiguredSource } from '../../collectors/configured-source.ts';
import type { Config } from '../../config/config.ts';
import type { Database } from '../../database/database.ts';
import type { JobQueues } from '../../queues/job-queues.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { Egress } from '../../egress/egress.ts';
import type { WorkerFactories } from '../worker-factories.ts';

/** What the processors of a worker process share. */
export interface ProcessorDependencies {
  readonly config: Config;
  readonly logger: Logger;
  readonly database: Database;
  readonly queues: JobQueues;
  readonly stop: AbortSignal;
  readonly factories: WorkerFactories;
  /** Undefined without a sources file. */
  readonly sources: readonly ConfiguredSource[] | undefined;
  readonly egress: Egress;
  /** Waits until something that the queue needs is available, and shows that it waits. */
  readonly ready: <T>(what: string, open: () => Promise<T>) => Promise<T>;
}
