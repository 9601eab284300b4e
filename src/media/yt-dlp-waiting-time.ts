const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['second', 1000],
  ['minute', 60_000],
  ['hour', 3_600_000],
  ['day', 86_400_000],
  ['week', 7 * 86_400_000],
  ['month', 30 * 86_400_000],
]);
/** For "shortly", "in a few moments" and the like. */
const SOON_MS = 10 * 60_000;
/** The text comes from the site, so the delay is limited. */
const MAX_MS = 365 * 86_400_000;

/** The time in "Premieres in 5 hours" and the like. */
export function timeUntil(message: string, now: Date): Date {
  const match = /\bin (an?|\d+) (second|minute|hour|day|week|month)s?\b/i.exec(message);
  const [, count = '', unit = ''] = match ?? [];
  const unitMs = UNIT_MS.get(unit.toLowerCase());
  const waitMs = unitMs === undefined ? SOON_MS : (/^\d/.test(count) ? Number(count) : 1) * unitMs;
  return new Date(now.getTime() + Math.min(waitMs, MAX_MS));
}
