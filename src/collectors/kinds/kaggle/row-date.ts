const ISO_DATE =
  /^(\d{4})[-/](\d{2})[-/](\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(\.\d+)?)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$/i;
/** Seconds with ten digits or milliseconds with thirteen: from 2001 to 2286. */
const UNIX_TIME = /^(\d{10})(\d{3})?$/;

/**
 * Parses the date of a row: ISO 8601 (also with a space or slashes, UTC unless it has a zone) or Unix time. Returns
 * undefined for other formats such as 03/04/2020, because they are ambiguous.
 */
export function parseRowDate(value: string): Date | undefined {
  const text = value.trim();
  const unix = UNIX_TIME.exec(text);
  if (unix !== null) return new Date(Number(unix[1]) * 1000 + Number(unix[2] ?? 0));
  const iso = ISO_DATE.exec(text);
  if (iso === null) return undefined;
  const [, year = '', month = '', day = '', hour = '00', minute = '00', second = '00', fraction = '', zone] =
    iso;
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}${offsetOf(zone)}`);
  return Number.isNaN(date.getTime()) || !isDayOfMonth(Number(year), Number(month), Number(day))
    ? undefined
    : date;
}

function offsetOf(zone: string | undefined): string {
  if (zone === undefined || /^(?:z|utc)$/i.test(zone)) return 'Z';
  return zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
}

/** Some JavaScript engines turn 30 February into a day in March. */
function isDayOfMonth(year: number, month: number, day: number): boolean {
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}
