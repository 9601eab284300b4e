/** The counts of a run of the mirror. */
export interface MirrorSummary {
  /** Objects in the bucket. */
  objects: number;
  /** Equal before the run began; in a later pass, also what the passes before copied. */
  equal: number;
  missing: number;
  different: number;
  /** Bytes of the missing and the different objects. */
  plannedBytes: number;
  copied: number;
  copiedBytes: number;
  /** Planned, but found equal when their content was compared. */
  confirmed: number;
  /** What is left at the end of the last pass. */
  failed: number;
  /** In the container only; left alone. */
  extra: number;
  /** Deleted from the bucket between its listing and the copy. */
  gone: number;
  /** Copies that were tried again. */
  retries: number;
  /** How often the stores were listed and compared. */
  passes: number;
}

export function emptySummary(): MirrorSummary {
  return {
    ...EMPTY_PLAN,
    copied: 0,
    copiedBytes: 0,
    confirmed: 0,
    failed: 0,
    gone: 0,
    retries: 0,
    passes: 0,
  };
}

const EMPTY_PLAN = { objects: 0, equal: 0, missing: 0, different: 0, plannedBytes: 0, extra: 0 };

/** Sets the counts of the plan to zero: another plan begins. */
export function startPlan(summary: MirrorSummary): void {
  Object.assign(summary, EMPTY_PLAN);
}
