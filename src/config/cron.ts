import { CronExpressionParser } from 'cron-parser';
import { z } from 'zod';

/** A schedule: five or six fields of cron, read in a time zone of the IANA database. */
export interface CronSchedule {
  readonly pattern: string;
  readonly timeZone: string;
}

/** The schema of a cron pattern; the parser is the one that BullMQ reads it with. */
export function cronPattern(fallback: string) {
  return cronPatternSchema.default(fallback);
}

/** The schema of a time zone such as `Europe/Paris`. */
export function timeZone(fallback: string) {
  return timeZoneSchema.default(fallback);
}

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

/** The latest time at or before `at` when the schedule fires. */
export function previousTick({ pattern, timeZone: tz }: CronSchedule, at: Date): Date {
  // The parser looks strictly before; a tick at this very moment counts.
  return CronExpressionParser.parse(pattern, { tz, currentDate: new Date(at.getTime() + 1) })
    .prev()
    .toDate();
}

/** The first time after `at` when the schedule fires. */
export function nextTick({ pattern, timeZone: tz }: CronSchedule, at: Date): Date {
  return CronExpressionParser.parse(pattern, { tz, currentDate: at }).next().toDate();
}

function isAccepted(check: () => unknown): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}
