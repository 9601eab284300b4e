import { Readable } from 'node:stream';
import { definedFields } from '../domain/defined-fields.ts';
import { OperatorError, PermanentError, toJobError, type JobError } from '../domain/job-errors.ts';
import { forEachConcurrently } from '../runtime/concurrency.ts';
import { objectNameProblem } from '../storage/object-names.ts';
import type { ObjectInfo, OpenContent } from '../storage/object-store.ts';
import {
  emptyIfContainerMissing,
  isThrottling,
  ObjectMissingError,
  UnavailableError,
} from '../storage/storage-errors.ts';
import { SMALL_BYTES } from '../storage/store-requests.ts';
import type { CopyLimit } from './adaptive-limit.ts';
import { abandon } from './copy-content.ts';
import { copyObject } from './copy-object.ts';
import type { MirrorOptions } from './mirror-options.ts';
import { startPlan, type MirrorSummary } from './mirror-summary.ts';
import { planMirror, type PlanItem } from './plan.ts';
import { readAhead } from './read-ahead.ts';
import { listSelected } from './selection.ts';

/** Counts and results that the passes of a run share. */
export interface MirrorRun {
  readonly summary: MirrorSummary;
  readonly limit: CopyLimit;
  /** Names that were mirrored, but `onMirrored` failed; no pass can mend that. */
  readonly unrecorded: Map<string, JobError>;
  /** Names that a pass found in the listing and could not read: deleted meanwhile, if the next pass does not find them. */
  readonly gone: Set<string>;
}

/** What one pass could not do. */
export interface PassResult {
  readonly failed: number;
  /** The failures by name, at most MAX_KEPT_FAILURES of them. */
  readonly failures: ReadonlyMap<string, JobError>;
  /** Whether another pass may do better. */
  readonly isWorthRepeating: boolean;
}

type Copyable = Extract<PlanItem, { kind: 'missing' | 'different' }>;

/** With more failures than this, the rest is counted only. */
const MAX_KEPT_FAILURES = 1000;
/** Of up to 1,000 objects each. */
const STEPS_AHEAD = 10;
/** So many copies in a row that fail because a store cannot be reached, and none that succeeds, end the pass. */
const MIN_FAILURES_IN_A_ROW = 20;

/**
 * Plans once and copies what the plan found.
 * @throws the error of a listing; an OperatorError of any object, since it concerns all; the error of a store that cannot be
 *   reached at all.
 */
export async function runPass(options: MirrorOptions, run: MirrorRun): Promise<PassResult> {
  const { summary } = run;
  const failures = new FailureList();
  const goneBefore = new Set(run.gone);
  run.gone.clear();
  let failedInARow = 0;
  const mostInARow = Math.max(MIN_FAILURES_IN_A_ROW, 2 * options.concurrency);

  async function copy(item: Copyable, signal: AbortSignal): Promise<void> {
    const { name } = item.source;
    try {
      const passOptions = { ...options, signal };
      const opened = await openAhead(item.source, passOptions, run);
      await run.limit.copy(() => copyAndReport({ item, opened }, passOptions, run));
      failedInARow = 0;
      run.limit.noteSuccess();
    } catch (thrown) {
      const error = toJobError(thrown);
      if (signal.aborted || error instanceof OperatorError) throw error;
      if (error instanceof ObjectMissingError && !goneBefore.has(name) && run.gone.size < MAX_KEPT_FAILURES) {
        run.gone.add(name);
        return;
      }
      failures.add(name, error);
      options.onFailedOnce?.();
      failedInARow = error instanceof UnavailableError ? failedInARow + 1 : 0;
      if (failedInARow >= mostInARow) throw error;
    }
  }

  const open = (signal: AbortSignal) => copiesOf(options, signal, run, failures);
  // While as many as `concurrency` are written, as many others are read.
  const concurrency = 2 * options.concurrency;
  await forEachConcurrently(open, { concurrency, signal: options.signal }, copy);
  summary.gone += run.gone.size;
  return {
    failed: failures.count,
    failures: failures.kept,
    // What the listing names and nobody can read was deleted meanwhile; or the listing was damaged on its way.
    isWorthRepeating: failures.hasTemporary || run.gone.size > 0,
  };
}

/**
 * Yields the items to copy. The plan goes on ahead of the copies, so that people are told how much is left, but not so far that
 * memory grows with the bucket.
 */
async function* copiesOf(...plan: Parameters<typeof plannedCopies>): AsyncGenerator<Copyable, void> {
  for await (const items of readAhead(plannedCopies(...plan), STEPS_AHEAD)) yield* items;
}

/** Counts the items of the plan and yields those to copy, step by step. */
async function* plannedCopies(
  options: MirrorOptions,
  signal: AbortSignal,
  { summary }: MirrorRun,
  failures: FailureList,
): AsyncGenerator<readonly Copyable[], void> {
  const { source, target, onPlanned } = options;
  const isDryRun = options.dryRun === true;
  const listTarget = () => {
    const pages = listSelected(target, options, signal);
    // A real pass would create the container first.
    return isDryRun ? emptyIfContainerMissing(pages) : pages;
  };
  startPlan(summary);
  await options.onPlanStart?.();
  const listSource = () => listSelected(source, options, signal);
  for await (const step of planMirror(listSource, listTarget)) {
    if (step.kind === 'restart') {
      startPlan(summary);
      await options.onPlanStart?.();
      continue;
    }
    const copies: Copyable[] = [];
    for (const item of step.items) {
      // Most callers have nothing to wait for, and an await for each of a million objects takes its time.
      const planned = onPlanned?.(item);
      if (planned instanceof Promise) await planned;
      count(item, summary);
      if (isDryRun || item.kind === 'extra' || item.kind === 'equal') continue;
      const problem = nameProblem(item.source.name);
      if (problem === undefined) copies.push(item);
      else failures.add(item.source.name, problem);
    }
    if (copies.length > 0) yield copies;
  }
}

function count(item: PlanItem, summary: MirrorSummary): void {
  summary[item.kind] += 1;
  if (item.kind === 'extra') return;
  summary.objects += 1;
  if (item.kind !== 'equal') summary.plannedBytes += item.source.sizeBytes;
}

function nameProblem(name: string): PermanentError | undefined {
  const problem = objectNameProblem(name);
  if (problem === undefined) return undefined;
  const message = `The name ${JSON.stringify(name)} cannot be used in Azure: ${problem}.`;
  return new PermanentError('object_name', message);
}

/**
 * Reads a small object before its copy has its turn, so that the copy is one request: the distance to MinIO costs no time.
 * @returns undefined for one that is not read ahead. What fails here is repeated by the copy, which knows what to do about it.
 */
async function openAhead(
  { name, sizeBytes }: ObjectInfo,
  { source, signal }: MirrorOptions,
  { limit }: MirrorRun,
): Promise<OpenContent | undefined> {
  if (sizeBytes > SMALL_BYTES) return undefined;
  const onThrottled = () => {
    limit.noteThrottled();
  };
  const opened = await limit
    .readAhead(() => source.openContent(name, { signal, onThrottled }))
    .catch(() => undefined);
  if (!(opened?.content instanceof Readable)) return opened;
  // It has grown. A connection should not wait with its body half read.
  abandon(opened);
  return undefined;
}

interface Copy {
  readonly item: Copyable;
  readonly opened: OpenContent | undefined;
}

async function copyAndReport({ item, opened }: Copy, options: MirrorOptions, run: MirrorRun): Promise<void> {
  const { summary, limit, unrecorded } = run;
  const { name } = item.source;
  const result = await copyObject(options.source, options.target, name, {
    signal: options.signal,
    seen: item.kind === 'missing' ? null : item.target,
    onRetry: (error) => {
      summary.retries += 1;
      if (isThrottling(error)) limit.noteThrottled();
    },
    onThrottled: () => {
      limit.noteThrottled();
    },
    ...definedFields({
      opened,
      onBytes: options.onBytes,
      accessTier: options.accessTier,
      bandwidth: options.bandwidth,
    }),
  });
  if (result.outcome === 'copied') {
    summary.copied += 1;
    summary.copiedBytes += result.sizeBytes;
  } else {
    summary.confirmed += 1;
  }
  try {
    await options.onMirrored?.(name, result);
  } catch (thrown) {
    const error = toJobError(thrown);
    if (options.signal.aborted || error instanceof OperatorError) throw error;
    unrecorded.set(name, error);
  }
}

class FailureList {
  count = 0;
  hasTemporary = false;
  readonly kept = new Map<string, JobError>();

  add(name: string, error: JobError): void {
    this.count += 1;
    if (error.outcome !== 'permanent') this.hasTemporary = true;
    if (this.kept.size < MAX_KEPT_FAILURES) this.kept.set(name, error);
  }
}
