import type { RunCounts, RunPart, RunTally } from '../../database/collections/run.ts';
import type { DocumentOutcome } from '../../database/document-repository.ts';
import { toJobError, type AnyJobError } from '../../domain/job-errors.ts';
import { definedFields } from '../../domain/defined-fields.ts';
import type { PartResult, RejectedItem } from '../collector.ts';
import type { UnreadableDate } from '../publication-date.ts';
import { withShownAddresses } from '../../domain/shown-address.ts';

const MAX_REJECTS = 100;
const MAX_REASONS = 50;
const MAX_PARTS = 500;
const MAX_DETAIL_LENGTH = 300;
const MAX_NOTE_LENGTH = 500;

/** Counts what a run has collected so far. Its size is bounded, however many items there are. */
export function createTally(from: RunTally) {
  let { counts } = from;
  const parts = new Map(from.parts.map((part) => [part.name, part]));
  const reasons = new Map(Object.entries(from.reject_reasons));
  const rejects = [...from.rejects];
  const dateProblems = new Map((from.date_problems ?? []).map((each) => [each.reason, each]));
  const errors = new Map<string, AnyJobError>();

  /** Reasons are stored as field names, so their characters and their number are limited. */
  function reasonName(reason: string): string {
    const name = reason.replaceAll(/[^\w-]/g, '_').slice(0, 60) || 'unknown';
    return reasons.has(name) || reasons.size < MAX_REASONS ? name : 'other';
  }

  /** When there are too many parts, failed ones replace skipped and unchanged ones. */
  function evictFor(part: RunPart): boolean {
    if (part.status !== 'failed') return false;
    for (const [name, { status }] of parts) {
      if (status === 'skipped' || status === 'unchanged') return parts.delete(name);
    }
    return false;
  }

  return {
    get counts(): RunCounts {
      return counts;
    },

    get parts(): readonly RunPart[] {
      return [...parts.values()];
    },

    /** The errors of the parts that failed in this attempt, by part. */
    errors: errors as ReadonlyMap<string, AnyJobError>,

    /** An independent copy. */
    snapshot: (): RunTally => ({
      counts,
      parts: [...parts.values()],
      reject_reasons: Object.fromEntries(reasons),
      rejects: [...rejects],
      date_problems: [...dateProblems.values()],
    }),

    countDocuments(outcome: DocumentOutcome, count = 1): void {
      counts = { ...counts, seen: counts.seen + count, [outcome]: counts[outcome] + count };
    },

    /** Counts a document that is stored without a date. */
    countDateProblem({ reason, text }: UnreadableDate): void {
      const { count = 0, example = text } = dateProblems.get(reason) ?? {};
      dateProblems.set(reason, { reason, count: count + 1, example: example || text });
    },

    countMedia(count: number): void {
      counts = { ...counts, media: counts.media + count };
    },

    reject({ reason, detail }: Pick<RejectedItem, 'reason' | 'detail'>): void {
      counts = { ...counts, seen: counts.seen + 1, rejected: counts.rejected + 1 };
      const name = reasonName(reason);
      reasons.set(name, (reasons.get(name) ?? 0) + 1);
      if (rejects.length >= MAX_REJECTS) return;
      rejects.push(
        definedFields({
          reason: name,
          detail: detail === undefined ? undefined : withShownAddresses(detail).slice(0, MAX_DETAIL_LENGTH),
        }),
      );
    },

    /**
     * Adds the result of a part. A part that is reported again (by another attempt of the run) is counted once with its
     * later result, except that `unchanged` after `success` stays a success of this run.
     */
    addPart({ name, status, items, note, error }: PartResult): void {
      const earlier = parts.get(name);
      const sum = (earlier?.items ?? 0) + (items ?? 0);
      const failure = error === undefined ? undefined : toJobError(error);
      if (failure === undefined || status !== 'failed') errors.delete(name);
      else errors.set(name, failure);
      const text = note === undefined ? failure?.message : withShownAddresses(note);
      const part: RunPart = definedFields({
        name,
        status: earlier?.status === 'success' && status === 'unchanged' ? 'success' : status,
        items: earlier?.items === undefined && items === undefined ? undefined : sum,
        note: text?.slice(0, MAX_NOTE_LENGTH),
        error_class: failure?.errorClass,
      });
      if (earlier !== undefined || parts.size < MAX_PARTS || evictFor(part)) parts.set(name, part);
    },
  };
}

export type Tally = ReturnType<typeof createTally>;
