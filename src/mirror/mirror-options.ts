import type { JobError } from '../domain/job-errors.ts';
import type { AzureBlobStore } from '../storage/azure-blob-store.ts';
import type { MinioStore } from '../storage/minio-store.ts';
import type { CopyLimit } from './adaptive-limit.ts';
import type { CopyResult, CopySettings } from './copy-object.ts';
import type { PlanItem } from './plan.ts';
import type { Selection } from './selection.ts';

/** The stores, choices and callbacks of one run of the mirror. */
export interface MirrorOptions extends Selection, CopySettings {
  readonly source: MinioStore;
  readonly target: AzureBlobStore;
  /** Copies at once, at most. */
  readonly concurrency: number;
  /** Left out: one of its own, up to `concurrency`. */
  readonly limit?: CopyLimit;
  /** Plans, but copies nothing. */
  readonly dryRun?: boolean;
  readonly signal: AbortSignal;
  /** The least time before a second pass; left out: 2 s. */
  readonly passDelayMs?: number;
  /** The plan waits for the returned promise. */
  readonly onPlanned?: (item: PlanItem) => Promise<void> | void;
  /**
   * Called before each plan; what was planned before is void. There is more than one when a pass fails, or when a store does
   * not list in the order of names.
   */
  readonly onPlanStart?: () => Promise<void> | void;
  /** Called for each object that was copied or found equal by its content. If it fails, the object counts as failed. */
  readonly onMirrored?: (name: string, result: CopyResult) => Promise<void>;
  /** An object could not be copied in this pass; another pass may do it. */
  readonly onFailedOnce?: () => void;
  /** Something failed, and after a pause another pass follows. */
  readonly onPassFailed?: (problem: PassProblem) => void;
  /** Called at the end for what is left, for at most 1,000 objects. */
  readonly onFailed?: (name: string, error: JobError) => void;
  readonly onBytes?: (moved: number) => void;
}

/** Why another pass follows. */
export interface PassProblem {
  /** Objects that were not copied. */
  readonly failed: number;
  /** Given when the pass as a whole failed, as by a listing. */
  readonly error: JobError | undefined;
  readonly delayMs: number;
}
