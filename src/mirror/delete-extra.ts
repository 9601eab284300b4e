import { UserError } from '../runtime/user-error.ts';
import type { AzureBlobStore } from '../storage/azure-blob-store.ts';
import type { MinioStore } from '../storage/minio-store.ts';
import type { ObjectInfo } from '../storage/object-store.ts';
import { ObjectChangedError } from '../storage/storage-errors.ts';
import { planMirror } from './plan.ts';
import { listSelected, type Selection } from './selection.ts';

/** The most blobs that one run may delete: a number, or a share of the mirrored blobs in percent. */
export type MaxDelete = { readonly count: number } | { readonly percent: number };

export interface DeleteOptions extends Omit<Selection, 'range'> {
  readonly source: MinioStore;
  readonly target: AzureBlobStore;
  readonly maxDelete: MaxDelete;
  /** Deletes nothing, and goes through the same checks. */
  readonly dryRun?: boolean;
  readonly signal: AbortSignal;
  readonly onDeleted?: (name: string, sizeBytes: number) => Promise<void> | undefined;
}

/** The counts of a deletion. */
export interface DeleteSummary {
  readonly deleted: number;
  readonly deletedBytes: number;
  /** In the container only, but not written by the mirror: left alone. */
  readonly foreign: number;
  /** Someone wrote the blob or the object again in the meantime: left alone. */
  readonly changed: number;
}

/** A guard found that a deletion may be a mistake. The message says which, and what to do; the exit code is 3. */
export class DeleteRefusedError extends UserError {
  constructor(message: string) {
    super(message, { exitCode: 3 });
    this.name = 'DeleteRefusedError';
  }
}

/** Names of blobs to delete are kept until both listings are complete: this many at most. */
const MAX_KEPT = 100_000;

/**
 * Deletes blobs that the mirror wrote and whose objects are no longer in the bucket. Only after two complete listings,
 * within the limit, and each only if its object is still missing and the blob is still the listed version.
 * @throws DeleteRefusedError when a guard refuses: then nothing was deleted. Any JobError of
 *   the stores.
 */
export async function deleteExtra(options: DeleteOptions): Promise<DeleteSummary> {
  const { source, target, signal, dryRun = false } = options;
  const { extra, objects, mirrored, foreign } = await findExtra(options);
  assertAllowed(options.maxDelete, { extra: extra.length, objects, mirrored });
  let deleted = 0;
  let deletedBytes = 0;
  let changed = 0;
  for (const { name, etag, sizeBytes } of extra) {
    if ((await source.stat(name, signal)) !== undefined) {
      changed += 1;
      continue;
    }
    try {
      if (!dryRun) await target.removeVersion(name, etag, signal);
    } catch (error) {
      if (!(error instanceof ObjectChangedError)) throw error;
      changed += 1;
      continue;
    }
    deleted += 1;
    deletedBytes += sizeBytes;
    await options.onDeleted?.(name, sizeBytes);
  }
  return { deleted, deletedBytes, foreign, changed };
}

async function findExtra(options: DeleteOptions) {
  const { source, target, signal } = options;
  let extra: ObjectInfo[] = [];
  let objects = 0;
  let mirrored = 0;
  let foreign = 0;
  const plan = planMirror(
    () => listSelected(source, options, signal),
    () => listSelected(target, options, signal),
  );
  for await (const step of plan) {
    if (step.kind === 'restart') {
      extra = [];
      objects = mirrored = foreign = 0;
      continue;
    }
    for (const item of step.items) {
      if (item.kind !== 'extra') objects += 1;
      if (item.kind === 'missing') continue;
      if (item.target.metadata?.['srcetag'] === undefined) {
        if (item.kind === 'extra') foreign += 1;
        continue;
      }
      mirrored += 1;
      if (item.kind !== 'extra') continue;
      if (extra.length >= MAX_KEPT) throw refusal(`more than ${String(MAX_KEPT)} blobs would be deleted`);
      extra.push(item.target);
    }
  }
  return { extra, objects, mirrored, foreign };
}

function assertAllowed(
  maxDelete: MaxDelete,
  found: { readonly extra: number; readonly objects: number; readonly mirrored: number },
): void {
  if (found.extra === 0) return;
  if (found.objects === 0) {
    throw new DeleteRefusedError(
      'Nothing was deleted: the bucket has no object at all. Check MINIO_BUCKET and the prefix.',
    );
  }
  const most =
    'count' in maxDelete ? maxDelete.count : Math.floor((found.mirrored * maxDelete.percent) / 100);
  if (found.extra > most) {
    throw refusal(
      `${String(found.extra)} of ${String(found.mirrored)} blobs would be deleted, at most ${String(most)} are allowed`,
    );
  }
}

function refusal(reason: string): DeleteRefusedError {
  return new DeleteRefusedError(
    `Nothing was deleted: ${reason}. If that is right, allow it with \`--max-delete\`.`,
  );
}
