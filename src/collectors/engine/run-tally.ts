import type { RunCounts, RunPart, RunTally } from '../../database/collections/run.ts';
import type { DocumentOutcome } from '../../database/document-repository.ts';
import { toJobError, type AnyJobError } from '../../domain/job-errors.ts';
import { definedFields } from '../../domain/defined-fields.ts';
import type { PartResult, RejectedItem } from '../collector.ts';

const MAX_REJECTS = 100;
const MAX_REASONS = 50;
const MAX_PARTS = 500;
const MAX_DETAIL_LENGTH = 300;
const MAX_NOTE_LENGTH = 500;

/** Counts what a run has collected so far. Its size is bounded, however many items there are. */
export class Tally {
  #counts: RunCounts;
  readonly #parts: Map<string, RunPart>;
  readonly #reasons: Map<string, number>;
  readonly #rejects: RunTally['rejects'][number][];
  readonly #errors = new Map<string, AnyJobError>();

  constructor(from: RunTally) {
    this.#counts = from.counts;
    this.#parts = new Map(from.parts.map((part) => [part.name, part]));
    this.#reasons = new Map(Object.entries(from.reject_reasons));
    this.#rejects = [...from.rejects];
  }

  get counts(): RunCounts {
    return this.#counts;
  }

  get parts(): readonly RunPart[] {
    return [...this.#parts.values()];
  }

  /** The errors of the parts that failed in this attempt, by part. */
  get errors(): ReadonlyMap<string, AnyJobError> {
    return this.#errors;
  }

  /** An independent copy. */
  snapshot(): RunTally {
    return {
      counts: this.#counts,
      parts: this.parts,
      reject_reasons: Object.fromEntries(this.#reasons),
      rejects: [...this.#rejects],
    };
  }

  countDocuments(outcome: DocumentOutcome, count = 1): void {
    this.#counts = {
      ...this.#counts,
      seen: this.#counts.seen + count,
      [outcome]: this.#counts[outcome] + count,
    };
  }

  countMedia(count: number): void {
    this.#counts = { ...this.#counts, media: this.#counts.media + count };
  }

  reject({ reason, detail }: Pick<RejectedItem, 'reason' | 'detail'>): void {
    const { seen, rejected } = this.#counts;
    this.#counts = { ...this.#counts, seen: seen + 1, rejected: rejected + 1 };
    const name = this.#reasonName(reason);
    this.#reasons.set(name, (this.#reasons.get(name) ?? 0) + 1);
    if (this.#rejects.length >= MAX_REJECTS) return;
    this.#rejects.push(definedFields({ reason: name, detail: detail?.slice(0, MAX_DETAIL_LENGTH) }));
  }

  /**
   * Adds the result of a part. A part that is reported again (by another attempt of the run) is counted once with its
   * later result, except that `unchanged` after `success` stays a success of this run.
   */
  addPart({ name, status, items, note, error }: PartResult): void {
    const earlier = this.#parts.get(name);
    const sum = (earlier?.items ?? 0) + (items ?? 0);
    const failure = error === undefined ? undefined : toJobError(error);
    if (failure === undefined || status !== 'failed') this.#errors.delete(name);
    else this.#errors.set(name, failure);
    const text = note ?? failure?.message;
    const part: RunPart = definedFields({
      name,
      status: earlier?.status === 'success' && status === 'unchanged' ? 'success' : status,
      items: earlier?.items === undefined && items === undefined ? undefined : sum,
      note: text?.slice(0, MAX_NOTE_LENGTH),
      error_class: failure?.errorClass,
    });
    if (earlier !== undefined || this.#parts.size < MAX_PARTS || this.#evictFor(part)) {
      this.#parts.set(name, part);
    }
  }

  /** When there are too many parts, failed ones replace skipped and unchanged ones. */
  #evictFor(part: RunPart): boolean {
    if (part.status !== 'failed') return false;
    for (const [name, { status }] of this.#parts) {
      if (status === 'failed' || status === 'success') continue;
      return this.#parts.delete(name);
    }
    return false;
  }

  /** Reasons are stored as field names, so their characters and their number are limited. */
  #reasonName(reason: string): string {
    const name = reason.replaceAll(/[^\w-]/g, '_').slice(0, 60) || 'unknown';
    return this.#reasons.has(name) || this.#reasons.size < MAX_REASONS ? name : 'other';
  }
}
