const UNIT_MS: Readonly<Record<string, number>> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
  month: 30 * 86_400_000,
};
/** "Shortly", "in a few moments": the site does not say when. */
const SOON_MS = 10 * 60_000;
/** Titles and texts are the site's: nothing is put off for longer than this. */
const LONGEST_MS = 365 * 86_400_000;

/** The time that "Premieres in 5 hours" and the like name, counted from now. */
export function timeUntil(message: string, now: Date): Date {
  const match = /\bin (an?|\d+) (second|minute|hour|day|week|month)s?\b/i.exec(message);
  const [, count = '', unit = ''] = match ?? [];
  const unitMs = UNIT_MS[unit.toLowerCase()];
  const waitMs = unitMs === undefined ? SOON_MS : (/^\d/.test(count) ? Number(count) : 1) * unitMs;
  return new Date(now.getTime() + Math.min(waitMs, LONGEST_MS));
}
