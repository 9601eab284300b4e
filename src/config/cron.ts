import { CronExpressionParser } from 'cron-parser';
import { z } from 'zod';

const HOUR_MS = 3_600_000;
/** No time zone moves its clocks by more than this. */
const DST_MARGIN_MS = 3 * HOUR_MS;
/** The time spans that are searched, shortest first, so that neither a frequent nor a rare schedule takes many steps. */
const SPANS_MS = [HOUR_MS / 60, HOUR_MS, 25 * HOUR_MS, 32 * 24 * HOUR_MS, 367 * 24 * HOUR_MS];

/** The clocks of different hosts differ by at most this much. */
export const CLOCK_TOLERANCE_MS = 60_000;
/** A slot counts as missed when its own scheduled job has not run within this time. */
const MISSED_AFTER_MS = 60_000;

/** A cron pattern of five or six fields, in a time zone of the IANA database. */
export interface CronSchedule {
  readonly pattern: string;
  readonly timeZone: string;
}

/** Checked with the parser that BullMQ uses. */
export const cronPatternSchema = z
  .string()
  .refine(
    (text) => isAccepted(() => CronExpressionParser.parse(text)),
    'is not a cron pattern such as "0 2 * * *"',
  );

export const timeZoneSchema = z
  .string()
  .refine(
    (text) => isAccepted(() => new Intl.DateTimeFormat('en', { timeZone: text })),
    'is not a time zone such as Europe/Paris',
  );

/**
 * The latest time at or before `at` when the schedule fires. Found by going forward, as BullMQ does: going backward, the
 * parser omits a time that the clocks skip in spring, and returns a time that occurs twice in autumn twice.
 */
export function previousTick(schedule: CronSchedule, at: Date): Date {
  const { pattern, timeZone: tz } = schedule;
  for (const spanMs of SPANS_MS) {
    const currentDate = startAwayFromClockChange(new Date(at.getTime() - spanMs), tz);
    const ticks = CronExpressionParser.parse(pattern, { tz, currentDate });
    let latest: Date | undefined;
    for (let tick = ticks.next().toDate(); tick <= at; tick = ticks.next().toDate()) latest = tick;
    if (latest !== undefined) return latest;
  }
  return CronExpressionParser.parse(pattern, { tz, currentDate: at }).prev().toDate();
}

/** The latest slot whose own scheduled job should have run by now, also when it is a little late. */
export function latestDueSlot(schedule: CronSchedule, now: Date): Date {
  return previousTick(schedule, new Date(now.getTime() - MISSED_AFTER_MS));
}

/** The latest time that a record about a slot can have; a later one was written by a host whose clock is wrong. */
export function latestPlausibleTime(slot: Date, now: Date): Date {
  return new Date(Math.max(slot.getTime(), now.getTime()) + CLOCK_TOLERANCE_MS);
}

/** The first time after `at` when the schedule fires. */
export function nextTick({ pattern, timeZone: tz }: CronSchedule, at: Date): Date {
  return CronExpressionParser.parse(pattern, { tz, currentDate: at }).next().toDate();
}

/** Going forward from a time within an hour that occurs twice would find its second occurrence. */
function startAwayFromClockChange(at: Date, tz: string): Date {
  const isNearChange =
    offsetOf(at.getTime() - DST_MARGIN_MS, tz) !== offsetOf(at.getTime() + DST_MARGIN_MS, tz);
  return isNearChange ? new Date(at.getTime() - 2 * DST_MARGIN_MS) : at;
}

function offsetOf(atMs: number, timeZone: string): string | undefined {
  const parts = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' }).formatToParts(atMs);
  return parts.find(({ type }) => type === 'timeZoneName')?.value;
}

function isAccepted(check: () => unknown): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}
