import { z } from 'zod';

const ISO_DATE =
  /^(\d{4}[-/]\d{2}[-/]\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$/i;
/** Unlike `Date`, this rejects 30 February. */
const calendarDate = z.iso.date();
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
  const [, slashedDate = '', time = '00:00', zone = 'Z'] = ISO_DATE.exec(text) ?? [];
  const isoDate = calendarDate.safeParse(slashedDate.replaceAll('/', '-')).data;
  if (isoDate === undefined) return undefined;
  const date = new Date(`${isoDate}T${time}${zone.replace(/^(?:z|utc)$/i, 'Z')}`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
