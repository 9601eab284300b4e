import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import type { Staging } from '../staging/staging.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import type { Logger } from '../runtime/logger.ts';
import type { MinioStore } from '../storage/minio-store.ts';
import type { ObjectStore } from '../storage/object-store.ts';

/** The parts of a reconcile, in the order in which they run. */
export const PASSES = ['bucket', 'staging', 'videos', 'runs'] as const;
export type PassName = (typeof PASSES)[number];

/** What a reconcile works on and how. */
export interface ReconcileOptions {
  readonly config: Config;
  readonly database: Database;
  readonly queues: JobQueues;
  readonly staging: Staging;
  readonly store: MinioStore;
  /** From which lost objects are brought back; undefined without Azure. */
  readonly mirror: ObjectStore | undefined;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly passes: readonly PassName[];
  /** Looks only; what would follow from a change is not foreseen. */
  readonly dryRun: boolean;
  /** The record was lost: staged files that it does not know are taken in instead of removed. */
  readonly fromStorage: boolean;
  /** Downloads missing objects again although so many are missing that it looks like a mistake. */
  readonly forceMissing: boolean;
}
