import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Staging } from '../staging/staging.ts';
import type { MinioStore } from '../storage/minio-store.ts';
import type { ObjectStore } from '../storage/object-store.ts';

/** The parts of a reconcile, in the order in which they run. */
export const PASSES = ['queues', 'bucket', 'staging', 'videos', 'runs', 'totals'] as const;
export type PassName = (typeof PASSES)[number];

export interface ReconcileDependencies {
  readonly config: Config;
  readonly database: Database;
  readonly queues: JobQueues;
  readonly staging: Staging;
  readonly store: MinioStore;
  /** Lost objects are restored from it; undefined without Azure. */
  readonly mirror: ObjectStore | undefined;
  readonly logger: Logger;
}

export interface ReconcileOptions {
  readonly passes: readonly PassName[];
  /** Changes nothing; counts what would be changed. Later passes see the data without those changes. */
  readonly dryRun: boolean;
  /** The record in MongoDB was lost: staged files without a record are recorded instead of removed. */
  readonly fromStorage: boolean;
  /** Repairs missing objects even when so many are missing that it looks like a wrong configuration. */
  readonly forceMissing: boolean;
  readonly signal: AbortSignal;
}

export interface ReconcileContext extends ReconcileDependencies, ReconcileOptions {}
