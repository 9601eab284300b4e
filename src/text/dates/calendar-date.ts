import type { DateTokens } from './date-tokens.ts';

/** How a source writes dates in numbers: day, month, year or month, day, year. */
export const DATE_ORDERS = ['dmy', 'mdy'] as const;
export type DateOrder = (typeof DATE_ORDERS)[number];

interface CalendarDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

type Problem = 'unknown_date_format' | 'ambiguous_date' | 'impossible_date';

/** Midnight of the day in UTC, in milliseconds since 1970, that the pieces of a date mean. */
export function calendarDateOf(
  tokens: DateTokens,
  dateOrder: DateOrder | undefined,
): { readonly utcMs: number } | Problem {
  const { months, numbers } = tokens;
  if (months.length > 1) return 'unknown_date_format';
  const [month] = months;
  const candidates = month === undefined ? inNumbers(tokens, dateOrder) : withName(month, numbers);
  if (candidates === undefined) return 'unknown_date_format';
  const possible = new Set(candidates.map(midnightOf).filter((utcMs) => utcMs !== undefined));
  const days = [...possible];
  // The weekday decides between two readings; a wrong one beside a clear date is only a mistake of the writer.
  const onWeekday = days.filter((utcMs) => tokens.weekdays.includes(new Date(utcMs).getUTCDay()));
  const [utcMs, other] = days.length > 1 && onWeekday.length > 0 ? onWeekday : days;
  if (utcMs === undefined) return 'impossible_date';
  return other === undefined ? { utcMs } : 'ambiguous_date';
}

/** `26 août 2026`, `August 26, 2026`, `2026 Aug 26`, `26-Aug-26`, `Aug 2026`. */
function withName(month: number, numbers: readonly string[]): CalendarDate[] | undefined {
  const [first = '', second] = numbers;
  if (numbers.length > 2) return undefined;
  if (second === undefined) {
    return first.length === 4 ? [{ year: Number(first), month, day: 1 }] : undefined;
  }
  const [day, year] = first.length === 4 ? [second, first] : [first, second];
  if (day.length > 2 || ![2, 4].includes(year.length)) return undefined;
  return [{ year: fullYear(year), month, day: Number(day) }];
}

function inNumbers(
  { numbers, separator }: DateTokens,
  dateOrder: DateOrder | undefined,
): CalendarDate[] | undefined {
  const [first = '', second = '', third = ''] = numbers;
  if (numbers.length < 3) {
    // W3C-DTF: a year, or year and month.
    const isYear = first.length === 4 && (numbers.length === 1 || separator === '-');
    return isYear ? [{ year: Number(first), month: Number(second || '1'), day: 1 }] : undefined;
  }
  const [a, b, c] = [Number(first), Number(second), Number(third)];
  if (first.length === 4 && second.length <= 2 && third.length <= 2) return [{ year: a, month: b, day: c }];
  if (first.length > 2 || second.length > 2 || ![2, 4].includes(third.length)) return undefined;
  const year = fullYear(third);
  const dayFirst = { year, month: b, day: a };
  const monthFirst = { year, month: a, day: b };
  if (dateOrder !== undefined) return [dateOrder === 'dmy' ? dayFirst : monthFirst];
  if (separator === '.') return [dayFirst];
  const isYearFirst = third.length === 2 && separator === '-' && first.length === 2;
  return [dayFirst, monthFirst, ...(isYearFirst ? [{ year: fullYear(first), month: b, day: c }] : [])];
}

/** RFC 5322, section 4.3: two digits below 50 are of this century. */
function fullYear(digits: string): number {
  const year = Number(digits);
  return digits.length > 2 ? year : year + (year < 50 ? 2000 : 1900);
}

/** @returns undefined when there is no such day */
function midnightOf({ year, month, day }: CalendarDate): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const isSame = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isSame && year > 0 ? date.getTime() : undefined;
}
