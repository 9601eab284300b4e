/** Offsets of the time zone names in RFC 822 dates that JavaScript cannot parse. */
const ZONE_OFFSETS = new Map([
  ['UT', '+0000'],
  ['WET', '+0000'],
  ['WEST', '+0100'],
  ['BST', '+0100'],
  ['WAT', '+0100'],
  ['CET', '+0100'],
  ['MET', '+0100'],
  ['CAT', '+0200'],
  ['CEST', '+0200'],
  ['MEST', '+0200'],
  ['EET', '+0200'],
  ['EAT', '+0300'],
  ['EEST', '+0300'],
]);
/** Older dates, such as 1970, stand for an empty field. */
const EARLIEST_MS = Date.UTC(1990, 0, 1);
const MAX_AHEAD_MS = 2 * 24 * 3_600_000;

/**
 * Parses a date of a feed: RFC 822, ISO 8601, or any other format that JavaScript can parse. UTC when it has no zone.
 * @returns undefined for an invalid date, or one before 1990 or more than two days in the future.
 */
export function parseFeedDate(text: string, now: Date): Date | undefined {
  const plain = text.trim().replace(/\b([A-Z]{2,4})$/, (name) => ZONE_OFFSETS.get(name) ?? name);
  const isIso = /^\d{4}-\d{2}-\d{2}/.test(plain);
  const isWithoutZone = !/(?:Z|[+-]\d{2}:?\d{2}|\b[A-Z]{1,4})$/i.test(isIso ? plain.slice(10) : plain);
  // JavaScript parses a date without time as UTC (ECMA-262, section 21.4.1.32).
  const complete = !isWithoutZone || /^[\d-]{10}$/.test(plain) ? plain : `${plain}${isIso ? 'Z' : ' GMT'}`;
  const time = Date.parse(complete);
  if (Number.isNaN(time) || time < EARLIEST_MS || time > now.getTime() + MAX_AHEAD_MS) return undefined;
  return new Date(time);
}

/**
 * Parses `itunes:duration`: seconds, `MM:SS` or `HH:MM:SS`.
 * @returns seconds; undefined for anything else.
 */
export function parseDuration(text: string): number | undefined {
  const match = /^(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,6})(?:\.\d+)?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, hours = '0', minutes = '0', seconds = '0'] = match;
  const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return total > 0 ? total : undefined;
}
