import { z } from 'zod';
import type { Database } from '../database/database.ts';
import { readProgress, type BulkProgress } from './change-matching-videos.ts';

const results = z.array(z.object({ outcome: z.string() }));

/** An operation of the audit on one or many videos, as pages and the API show it. */
export interface ShownOperation {
  readonly id: string;
  /** Such as `videos.skip`, of a selection or of all that matched. */
  readonly operation: string;
  readonly user: string | null;
  readonly at: Date;
  /** How many videos had which outcome. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** Of an operation on all videos that matched. */
  readonly progress: BulkProgress | undefined;
  /** Whether it is a skip that is the last decision about one of its videos still. */
  readonly canBeUndone: boolean;
}

/** What has come of an operation so far. @returns undefined when the audit has no such operation on videos */
export async function showOperation(
  id: string,
  { audit, search }: Database,
): Promise<ShownOperation | undefined> {
  const row = await audit.findById(id);
  if (row?.operation.startsWith('videos.') !== true) return undefined;
  const progress = readProgress(row);
  const operation = row.operation.replace(/ matching$/, '');
  const isOver = progress?.state !== 'running';
  return {
    ...{ id, operation, progress, at: row.at, user: row.user ?? null },
    outcomes: progress === undefined ? countOutcomes(row.result) : new Map(Object.entries(progress.outcomes)),
    canBeUndone: operation === 'videos.skip' && isOver && (await search.countUpTo({ skippedBy: id }, 1)) > 0,
  };
}

function countOutcomes(result: unknown): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { outcome } of results.safeParse(result).data ?? [])
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return counts;
}
