import { toJobError, OperatorError, InterruptedError } from '../domain/job-errors.ts';
import { definedFields } from '../domain/defined-fields.ts';
import { forEachConcurrently } from '../runtime/concurrency.ts';
import type { AzureBlobStore } from '../storage/azure-blob-store.ts';
import { checksumStream } from '../storage/checksums.ts';
import type { MinioStore } from '../storage/minio-store.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import {
  emptyIfContainerMissing,
  ObjectChangedError,
  ObjectMissingError,
} from '../storage/storage-errors.ts';
import type { CopySettings } from './copy-object.ts';
import { planMirror, type PlanItem } from './plan.ts';
import { listSelected, type Selection } from './selection.ts';

/** How a blob differs from what it should be. */
export const DRIFT_KINDS = [
  'missing',
  'different',
  /** The listing shows no difference, but the blob has other bytes than the object. */
  'damaged',
  /** The object itself has other bytes than its recorded checksum says. */
  'source_damaged',
  /** Object or blob could not be read. */
  'unreadable',
] as const;
export type DriftKind = (typeof DRIFT_KINDS)[number];

/** One difference. */
export interface Drift {
  readonly kind: DriftKind;
  readonly name: string;
  readonly sizeBytes: number;
  /** Says more, where the kind does not say it all. */
  readonly detail?: string;
}

export interface VerifyOptions extends Omit<Selection, 'range'>, Pick<CopySettings, 'bandwidth'> {
  readonly source: MinioStore;
  readonly target: AzureBlobStore;
  /** The share (0 to 1) of the objects that are read on both sides; 0 compares the listings only. */
  readonly contentShare: number;
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly onDrift: (drift: Drift) => Promise<void> | void;
  readonly onBytes?: (moved: number) => void;
  /** Planning begins again: what was reported so far is void. */
  readonly onRestart?: () => void;
}

/** The counts of a comparison. */
export type VerifySummary = Record<DriftKind, number> & {
  objects: number;
  equal: number;
  /** Read and compared byte by byte. */
  read: number;
  /** Not read although it was their turn: Azure gives nothing out of its archive tier. */
  archived: number;
  /** In the container only. */
  extra: number;
};

type Compared = Extract<PlanItem, { kind: 'equal' }>;

/**
 * Compares bucket and container without changing anything: by their listings, and a share of the objects by their content.
 * @throws InterruptedError when the signal was aborted; the error of a listing; an OperatorError of any object.
 */
export async function verifyMirror(options: VerifyOptions): Promise<VerifySummary> {
  const summary = emptySummary();
  const report = async (drift: Drift) => {
    summary[drift.kind] += 1;
    await options.onDrift(drift);
  };
  try {
    await forEachConcurrently(
      (signal) => equalItems(options, signal, summary, report),
      options,
      async (item, signal) => {
        const drift = await compareContent(item, { ...options, signal });
        summary.read += 1;
        if (drift === undefined) return;
        summary.equal -= 1;
        await report(drift);
      },
    );
  } catch (error) {
    if (!options.signal.aborted) throw error;
    throw new InterruptedError('The comparison was interrupted.', { cause: error });
  }
  return summary;
}

/** Reports what the listings show, and yields the equal objects that are to be read. */
async function* equalItems(
  options: VerifyOptions,
  signal: AbortSignal,
  summary: VerifySummary,
  report: (drift: Drift) => Promise<void>,
): AsyncGenerator<Compared, void> {
  const { source, target, contentShare } = options;
  const plan = planMirror(
    () => listSelected(source, options, signal),
    () => emptyIfContainerMissing(listSelected(target, options, signal)),
  );
  for await (const step of plan) {
    if (step.kind === 'restart') {
      Object.assign(summary, emptySummary());
      options.onRestart?.();
      continue;
    }
    for (const item of step.items) {
      if (item.kind === 'extra') {
        summary.extra += 1;
        continue;
      }
      summary.objects += 1;
      if (item.kind === 'equal') {
        summary.equal += 1;
        if (Math.random() >= contentShare) continue;
        if (item.target.accessTier === 'Archive') summary.archived += 1;
        else yield item;
      } else {
        await report({ kind: item.kind, name: item.source.name, sizeBytes: item.source.sizeBytes });
      }
    }
  }
}

async function compareContent(item: Compared, options: VerifyOptions): Promise<Drift | undefined> {
  const { name, sizeBytes } = item.source;
  try {
    const [object, blob] = await Promise.all([
      contentOf(options.source, name, item.source.etag, options),
      contentOf(options.target, name, item.target.etag, options),
    ]);
    const recorded = object.info.metadata?.['sha256'];
    if (recorded !== undefined && recorded !== object.sha256) {
      return { kind: 'source_damaged', name, sizeBytes, detail: 'its SHA-256 is not the recorded one' };
    }
    if (object.sha256 !== blob.sha256) return { kind: 'damaged', name, sizeBytes };
    return undefined;
  } catch (thrown) {
    const error = toJobError(thrown, options.signal);
    if (options.signal.aborted || error instanceof OperatorError) throw error;
    // Someone wrote it after the listing: the next run compares the new version.
    // Archived meanwhile.
    if (error.errorClass === 'blob_archived') return undefined;
    if (error instanceof ObjectChangedError || error instanceof ObjectMissingError) return undefined;
    return { kind: 'unreadable', name, sizeBytes, detail: error.message };
  }
}

async function contentOf(store: ObjectStore, name: string, ifMatch: string, options: VerifyOptions) {
  const { signal, onBytes, bandwidth } = options;
  const read = { signal, ifMatch, ...definedFields({ onBytes, bandwidth }) };
  const { info, stream } = await store.openRead(name, read);
  const { sha256 } = await checksumStream(stream as AsyncIterable<Buffer>, signal);
  return { info, sha256 };
}

function emptySummary(): VerifySummary {
  const drift = Object.fromEntries(DRIFT_KINDS.map((kind) => [kind, 0])) as Record<DriftKind, number>;
  return { objects: 0, equal: 0, read: 0, archived: 0, extra: 0, ...drift };
}
