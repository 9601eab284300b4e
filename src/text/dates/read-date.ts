import { calendarDateOf, type DateOrder } from './calendar-date.ts';
import { clockTime, type ClockTime } from './date-pieces.ts';
import { dateTokens, type DateTokens } from './date-tokens.ts';
import { timeZoneOfOffset, toUtcMs } from './time-zones.ts';

/** Why a text is not read as a date; also the reasons that runs count. */
export type DateProblem =
  | 'no_date'
  | 'unknown_date_format'
  | 'ambiguous_date'
  | 'impossible_date'
  | 'unknown_time_zone'
  | 'date_out_of_range';

export type DateReading = { readonly date: Date } | { readonly problem: DateProblem };

/** Longer texts are no dates: the longest written form is well below. */
const MAX_CHARACTERS = 100;
const UTC = { offsetMinutes: 0 };
/** Seconds with ten digits or milliseconds with thirteen: from 2001 to 2286. */
const UNIX_TIME = /^(\d{10})(\d{3})?$/;
/** ISO 8601 (RFC 3339), which most dates are in, and its basic format. */
const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)? ?(Z|[+-]\d\d:?\d\d)?)?$/i;
const ISO_BASIC =
  /^(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(?:(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d(?:\d\d)?)?)?$/i;

/**
 * Reads a date as people and programs write it: ISO 8601 (W3C-DTF), RFC 822 and its variants, Unix time, and dates with
 * names of months in English, French, German, Spanish, Italian, Portuguese or Dutch. UTC when it has no zone; the first
 * day when it has only month and year. It refuses what it would have to guess: no part of the text is left out.
 *
 * Libraries were tried: those that know these languages (chrono-node, any-date-parser) look for a date within a text
 * and complete what they do not understand with today's date; those that refuse (luxon, date-fns) need the format.
 * @param dateOrder how dates such as 03/04/2026 are written in this source; without it they are ambiguous. With dots
 *   the day always comes first, as in every language that writes dates so (CLDR).
 */
export function readDate(text: string, { dateOrder }: { readonly dateOrder?: DateOrder } = {}): DateReading {
  const plain = plainDate(text);
  if (plain === '') return { problem: 'no_date' };
  if (plain.length > MAX_CHARACTERS) return { problem: 'unknown_date_format' };
  const unix = UNIX_TIME.exec(plain);
  if (unix !== null) return { date: new Date(Number(unix[1]) * 1000 + Number(unix[2] ?? 0)) };
  const tokens = isoTokens(plain) ?? dateTokens(plain);
  if (tokens === undefined) return { problem: 'unknown_date_format' };
  if (tokens === 'unknown_time_zone') return { problem: tokens };
  // A number alone may be anything; four digits are a year in W3C-DTF.
  if (tokens.numbers.length + tokens.months.length === 1 && !/^\d{4}$/.test(plain)) {
    return { problem: 'unknown_date_format' };
  }
  const day = calendarDateOf(tokens, dateOrder);
  if (typeof day === 'string') return { problem: day };
  const timeMs = msOfDay(tokens.time ?? { hour: 0, minute: 0, second: 0, ms: 0 });
  if (timeMs === undefined) return { problem: 'impossible_date' };
  const date = new Date(toUtcMs(day.utcMs + timeMs, tokens.zone ?? UTC));
  return Number.isNaN(date.getTime()) ? { problem: 'impossible_date' } : { date };
}

/** Without invisible marks and comments: `10:00 GMT+1 (CET)`, `10:00+01:00[Europe/Paris]` (RFC 9557). */
function plainDate(text: string): string {
  // Cut before the work that depends on the length.
  const beginning = text.slice(0, 10 * MAX_CHARACTERS);
  if (/^[\dTZ:+-]*$/.test(beginning)) return beginning;
  const line = beginning
    .normalize('NFKC')
    .replaceAll(/[\p{Cf}\p{Cc}\s]+/gu, ' ')
    .trim();
  const opening = Math.max(line.lastIndexOf('('), line.lastIndexOf('['));
  if (opening < 1 || !/[)\]]$/.test(line)) return line;
  const date = line.slice(0, opening).trimEnd();
  const note = line.slice(opening + 1, -1);
  // The note is the zone where there is no other.
  return /(?:[+-]\d\d:?\d\d|[A-Z])$/.test(date) || !/^[A-Z]{2,5}$|\//.test(note) ? date : `${date} ${note}`;
}

function isoTokens(text: string): DateTokens | 'unknown_time_zone' | undefined {
  const match = ISO.exec(text) ?? ISO_BASIC.exec(text);
  if (match === null) return undefined;
  const [, year = '', month = '', day = '', hour, minute, second = '0', fraction = '0', offset = 'Z'] = match;
  const zone = /z/i.test(offset) ? UTC : timeZoneOfOffset(offset);
  if (zone === undefined) return 'unknown_time_zone';
  return {
    ...{ numbers: [year, month, day], separator: '-', months: [], weekdays: [], zone },
    time: hour === undefined ? undefined : clockTime(hour, minute, second, fraction),
  };
}

/** @returns undefined when there is no such time; 24:00 is the end of the day, and :60 a leap second */
function msOfDay({ hour, minute, second, ms, half }: ClockTime): number | undefined {
  if (hour > 24 || minute > 59 || second > 60) return undefined;
  if (hour === 24 && minute + second + ms > 0) return undefined;
  if (half !== undefined && (hour === 0 || (hour > 12 && half === 'am'))) return undefined;
  // `16:00 PM` is written as well.
  const hour24 = half === undefined || hour > 12 ? hour : (hour % 12) + (half === 'pm' ? 12 : 0);
  return ((hour24 * 60 + minute) * 60 + second) * 1000 + ms;
}
