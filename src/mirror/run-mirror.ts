import { InterruptedError, OperatorError, toJobError, type JobError } from '../domain/job-errors.ts';
import type { AzureBlobStore } from '../storage/azure-blob-store.ts';
import type { MinioStore } from '../storage/minio-store.ts';
import { objectNameProblem } from '../storage/object-names.ts';
import type { ObjectInfo } from '../storage/object-store.ts';
import { copyObject, type CopyResult } from './copy-object.ts';
import { planMirror, type PlanItem } from './plan.ts';

/** What one pass of the mirror is to do and whom it tells. */
export interface MirrorRun {
  readonly source: MinioStore;
  readonly target: AzureBlobStore;
  /** Only names that begin so; empty for all. */
  readonly prefix: string;
  /** Copies at once. */
  readonly concurrency: number;
  /** Plans only. */
  readonly dryRun?: boolean;
  readonly signal: AbortSignal;
  /** The plan goes on when its promise, if it gives one, is settled. */
  readonly onPlanned?: (item: PlanItem) => Promise<void> | undefined;
  /** After each object that is now known to be in the mirror. A failure of it counts as the object's. */
  readonly onMirrored?: (name: string, result: CopyResult) => Promise<void>;
  readonly onFailed?: (name: string, error: JobError) => void;
  readonly onBytes?: (moved: number) => void;
}

/** What a pass found and did. */
export interface MirrorSummary {
  /** Objects in the bucket. */
  objects: number;
  /** Equal before the pass began. */
  equal: number;
  /** Missing in the mirror, and different there. */
  missing: number;
  different: number;
  /** Bytes of both. */
  plannedBytes: number;
  copied: number;
  copiedBytes: number;
  /** Found equal when looked at closely. */
  confirmed: number;
  failed: number;
  /** In the mirror only; left alone. */
  extra: number;
}

/**
 * Copies what the container lacks or has in another version: two listings and nothing else where all is equal.
 * One object's failure does not hold up the others; a store that refuses (credentials, no space) or a listing
 * that fails ends the pass.
 * @throws InterruptedError when the signal was aborted; copies under way are given up, which leaves no half blob.
 */
export async function runMirror(run: MirrorRun): Promise<MirrorSummary> {
  const summary: MirrorSummary = {
    objects: 0,
    equal: 0,
    missing: 0,
    different: 0,
    plannedBytes: 0,
    copied: 0,
    copiedBytes: 0,
    confirmed: 0,
    failed: 0,
    extra: 0,
  };
  const giveUp = new AbortController();
  const signal = AbortSignal.any([run.signal, giveUp.signal]);
  const target = run.target.list(run.prefix, signal);
  const plan = planMirror(
    run.source.list(run.prefix, signal),
    run.dryRun === true ? nothingIfMissing(target) : target,
  );
  const work = copiesOf(plan, summary, run);
  const copyOne = async (item: Copyable) => {
    const { source } = item;
    try {
      await copyAndTell(item, { ...run, signal }, summary);
    } catch (thrown) {
      const error = toJobError(thrown);
      if (signal.aborted || error instanceof OperatorError) throw error;
      summary.failed += 1;
      run.onFailed?.(source.name, error);
    }
  };
  // Generators queue calls of next(), so that several takers may share one.
  const taker = async () => {
    for (;;) {
      const { done, value } = await work.next();
      if (done === true) return;
      await copyOne(value);
    }
  };
  const ends = await Promise.allSettled(
    Array.from({ length: run.concurrency }, async () => {
      try {
        await taker();
      } catch (error) {
        // The first failure that ends the pass ends the others' work as well.
        giveUp.abort(error);
        throw error;
      }
    }),
  );
  if (run.signal.aborted) throw new InterruptedError('The mirror was interrupted; run it again to go on.');
  if (giveUp.signal.aborted) throw toJobError(giveUp.signal.reason);
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw toJobError(failed.reason);
  return summary;
}

/** A container that a real pass would create is empty for one that only plans. */
async function* nothingIfMissing(pages: AsyncIterable<readonly ObjectInfo[]>) {
  try {
    yield* pages;
  } catch (error) {
    if (!(error instanceof OperatorError && error.errorClass === 'storage_missing')) throw error;
  }
}

type Copyable = Extract<PlanItem, { kind: 'missing' | 'different' }>;

/** Counts the plan and passes on what is to be copied. */
async function* copiesOf(
  plan: AsyncIterable<PlanItem>,
  summary: MirrorSummary,
  run: MirrorRun,
): AsyncGenerator<Copyable, void, undefined> {
  for await (const item of plan) {
    await run.onPlanned?.(item);
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
        if (run.dryRun !== true && isCopyable(item.source, summary, run)) yield item;
        break;
    }
  }
}

function isCopyable(source: ObjectInfo, summary: MirrorSummary, run: MirrorRun): boolean {
  const problem = objectNameProblem(source.name);
  if (problem === undefined) return true;
  summary.failed += 1;
  const message = `The name ${JSON.stringify(source.name)} cannot be used in Azure: ${problem}.`;
  run.onFailed?.(source.name, toJobError(new Error(message)));
  return false;
}

async function copyAndTell(item: Copyable, run: MirrorRun, summary: MirrorSummary): Promise<void> {
  const { name } = item.source;
  const result = await copyObject(run.source, run.target, name, {
    signal: run.signal,
    seen: item.kind === 'missing' ? null : item.target,
    ...(run.onBytes === undefined ? {} : { onBytes: run.onBytes }),
  });
  if (result.outcome === 'copied') {
    summary.copied += 1;
    summary.copiedBytes += result.sizeBytes;
  } else {
    summary.confirmed += 1;
  }
  await run.onMirrored?.(name, result);
}
