import { BY_HAND, MAX_PRIORITY, WITHOUT_PRIORITY } from '../domain/download-priority.ts';

/** The numbers from `start` to before `end` that jobs of one priority have in the queue; smaller is sooner. */
export interface NumberRange {
  readonly start: number;
  readonly end: number;
}

/** BullMQ takes numbers from 1 to 2,097,151 and calls them priorities. */
const BY_HAND_RANGE: NumberRange = { start: 1, end: 100_000 };
const RANGE_SIZE = 10_000;
const LAST_RANGE: NumberRange = { start: BY_HAND_RANGE.end + MAX_PRIORITY * RANGE_SIZE, end: 2_097_151 };

/** The range of one priority: all jobs of a stronger one come before it. */
export function rangeOf(priority: number): NumberRange {
  if (priority === BY_HAND) return BY_HAND_RANGE;
  if (priority >= WITHOUT_PRIORITY) return LAST_RANGE;
  const start = BY_HAND_RANGE.end + (priority - 1) * RANGE_SIZE;
  return { start, end: start + RANGE_SIZE };
}
