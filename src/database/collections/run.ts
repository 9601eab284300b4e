import { z } from 'zod';
import { ERROR_CLASS_NAMES } from '../../domain/error-classes.ts';
import { documentSchema, optional, type DocumentOf } from '../document-schema.ts';
import { failure } from './failure.ts';

/** How a run ended. `partial`: some of its parts failed. `skipped`: it was not done, for the reason in `note`. */
export const RUN_STATUSES = ['running', 'success', 'partial', 'failed', 'skipped'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** `seen` = `new` + `updated` + `duplicate` + `rejected`; `media` are the items given to the audio pipeline. */
const counts = z.object({
  seen: z.number(),
  new: z.number(),
  updated: z.number(),
  duplicate: z.number(),
  rejected: z.number(),
  media: z.number(),
});

/** How one part of a run ended. */
const part = z.object({
  name: z.string(),
  status: z.enum(['success', 'unchanged', 'failed', 'skipped']),
  items: optional(z.number()),
  note: optional(z.string()),
  error_class: optional(z.enum(ERROR_CLASS_NAMES)),
});

/** What a run has found so far. */
const tally = z.object({
  counts,
  parts: z.array(part),
  /** How many items were rejected for which reason. */
  reject_reasons: z.record(z.string(), z.number()),
  /** The first rejected items. */
  rejects: z.array(z.object({ reason: z.string(), detail: optional(z.string()) })),
  /** Documents without a date that can be read, by reason, with the first such date. Runs of older versions have none. */
  date_problems: optional(z.array(z.object({ reason: z.string(), count: z.number(), example: z.string() }))),
});

/**
 * How far a run has come, so that another attempt can continue exactly there. Each attempt works in steps: one begins with
 * the attempt, the next after each checkpoint. A step number is used by one attempt only, so the `run_step` of a
 * document shows whether the document is in the counts of the run.
 */
const progress = z.object({
  /** The position of the run among all runs of its source. */
  sequence: z.number(),
  /** The current step. */
  step: z.number(),
  /** Steps of attempts that ended before their checkpoint: what they inserted is in no count yet. */
  lost_steps: z.array(z.number()),
  /** The version that the source's state has once `state_after` is saved there. */
  state_version: z.number(),
});

/** Documents of the source and of all sources. */
interface DocumentTotals {
  readonly source: number;
  readonly all: number;
}

/** One execution of a source; a retry continues the same run. */
const run = z.object({
  /** `<source_id>.<scheduled_for as ISO 8601>`. */
  _id: z.string(),
  source_id: z.string(),
  kind: z.string(),
  trigger: z.enum(['schedule', 'manual', 'catch_up']),
  scheduled_for: z.date(),
  started_at: z.date(),
  finished_at: optional(z.date()),
  status: z.enum(RUN_STATUSES),
  round: z.number(),
  /** How often it was begun, over all rounds. */
  attempts: z.number(),
  /** The token of the attempt that may write; an attempt that lost its job no longer has it. */
  owner: optional(z.string()),
  ...tally.shape,
  /** Received over the network. */
  bytes: z.number(),
  totals: optional(z.custom<{ before: DocumentTotals; after?: DocumentTotals | null }>()),
  state_before: z.unknown().exactOptional(),
  /** As of the last checkpoint; a retried run continues from here. */
  state_after: z.unknown().exactOptional(),
  error: optional(failure),
  next_retry_at: optional(z.date()),
  note: optional(z.string()),
  worker: z.string(),
  /** Missing when the run was only recorded as skipped. */
  progress: optional(progress),
  /** Of a failed run: the tally as of its last checkpoint, from which another attempt continues. */
  resume_from: optional(z.custom<z.infer<typeof tally>>()),
});

export type RunDocument = DocumentOf<typeof run>;
export type RunTrigger = RunDocument['trigger'];
export type RunCounts = DocumentOf<typeof counts>;
export type RunPart = DocumentOf<typeof part>;
export type RunTally = DocumentOf<typeof tally>;
export type RunProgress = DocumentOf<typeof progress>;

export const NO_COUNTS: RunCounts = { seen: 0, new: 0, updated: 0, duplicate: 0, rejected: 0, media: 0 };

export const runSchema = documentSchema(run, [
  [{ source_id: 1, scheduled_for: 1 }, { unique: true }],
  [{ source_id: 1, started_at: -1 }],
  [{ status: 1, started_at: 1 }],
  [{ started_at: -1 }],
]);
