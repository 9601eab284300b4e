import { definedFields } from '../domain/defined-fields.ts';
import {
  InterruptedError,
  OperatorError,
  PermanentError,
  toJobError,
  type JobError,
} from '../domain/job-errors.ts';
import { forEachConcurrently } from '../runtime/concurrency.ts';
import type { AzureBlobStore } from '../storage/azure-blob-store.ts';
import type { MinioStore } from '../storage/minio-store.ts';
import { objectNameProblem } from '../storage/object-names.ts';
import type { ObjectInfo } from '../storage/object-store.ts';
import { emptyIfContainerMissing } from '../storage/storage-errors.ts';
import { copyObject, type CopyResult } from './copy-object.ts';
import { planMirror, type PlanItem } from './plan.ts';

/** The stores, choices and callbacks of one pass of the mirror. */
export interface MirrorOptions {
  readonly source: MinioStore;
  readonly target: AzureBlobStore;
  /** Only names with this prefix; empty for all. */
  readonly prefix: string;
  /** Copies at once. */
  readonly concurrency: number;
  /** Plans, but copies nothing. */
  readonly dryRun?: boolean;
  readonly signal: AbortSignal;
  /** The plan waits for the returned promise. */
  readonly onPlanned?: (item: PlanItem) => Promise<void> | undefined;
  /** Called for each object that was copied or found equal by its content. If it fails, the object counts as failed. */
  readonly onMirrored?: (name: string, result: CopyResult) => Promise<void>;
  readonly onFailed?: (name: string, error: JobError) => void;
  readonly onBytes?: (moved: number) => void;
}

const EMPTY_SUMMARY = {
  /** Objects in the bucket. */
  objects: 0,
  /** Equal before the pass began. */
  equal: 0,
  missing: 0,
  different: 0,
  /** Bytes of the missing and the different objects. */
  plannedBytes: 0,
  copied: 0,
  copiedBytes: 0,
  /** Planned, but found equal when their content was compared. */
  confirmed: 0,
  failed: 0,
  /** In the container only; left alone. */
  extra: 0,
};

/** The counts of one pass. */
export type MirrorSummary = typeof EMPTY_SUMMARY;

/**
 * Copies the objects that the container does not have or has in another version. When all are equal this takes only the
 * two listings. If one object fails, the others go on; an operator error (credentials, no space) or a failed listing ends
 * the pass.
 * @throws InterruptedError when the signal was aborted; unfinished copies leave no partial blob.
 */
export async function runMirror(options: MirrorOptions): Promise<MirrorSummary> {
  const summary = { ...EMPTY_SUMMARY };
  const openCopies = (signal: AbortSignal) => {
    const source = options.source.list(options.prefix, signal);
    const target = options.target.list(options.prefix, signal);
    // A real pass would create the container first.
    const plan = planMirror(source, options.dryRun === true ? emptyIfContainerMissing(target) : target);
    return copiesOf(plan, summary, options);
  };
  try {
    await forEachConcurrently(openCopies, options, async (item, signal) => {
      try {
        await copyAndReport(item, { ...options, signal }, summary);
      } catch (thrown) {
        const error = toJobError(thrown);
        if (signal.aborted || error instanceof OperatorError) throw error;
        summary.failed += 1;
        options.onFailed?.(item.source.name, error);
      }
    });
  } catch (error) {
    if (!options.signal.aborted) throw toJobError(error);
    throw new InterruptedError('The mirror was interrupted; run it again to continue.', { cause: error });
  }
  return summary;
}

type Copyable = Extract<PlanItem, { kind: 'missing' | 'different' }>;

/** Counts the items of the plan and yields those to copy. */
async function* copiesOf(
  plan: AsyncIterable<PlanItem>,
  summary: MirrorSummary,
  options: MirrorOptions,
): AsyncGenerator<Copyable, void, undefined> {
  for await (const item of plan) {
    await options.onPlanned?.(item);
    switch (item.kind) {
      case 'extra':
        summary.extra += 1;
        break;
      case 'equal':
        summary.objects += 1;
        summary.equal += 1;
        break;
      case 'missing':
      case 'different':
        summary.objects += 1;
        summary[item.kind] += 1;
        summary.plannedBytes += item.source.sizeBytes;
        if (options.dryRun !== true && isCopyable(item.source, summary, options)) yield item;
        break;
    }
  }
}

function isCopyable(source: ObjectInfo, summary: MirrorSummary, options: MirrorOptions): boolean {
  const problem = objectNameProblem(source.name);
  if (problem === undefined) return true;
  summary.failed += 1;
  const message = `The name ${JSON.stringify(source.name)} cannot be used in Azure: ${problem}.`;
  options.onFailed?.(source.name, new PermanentError('object_name', message));
  return false;
}

async function copyAndReport(item: Copyable, options: MirrorOptions, summary: MirrorSummary): Promise<void> {
  const { name } = item.source;
  const result = await copyObject(options.source, options.target, name, {
    signal: options.signal,
    seen: item.kind === 'missing' ? null : item.target,
    ...definedFields({ onBytes: options.onBytes }),
  });
  if (result.outcome === 'copied') {
    summary.copied += 1;
    summary.copiedBytes += result.sizeBytes;
  } else {
    summary.confirmed += 1;
  }
  await options.onMirrored?.(name, result);
}
