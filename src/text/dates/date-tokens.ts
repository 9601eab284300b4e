import { monthOf, weekdaysOf } from './date-names.ts';
import { DATE_PIECES, type ClockTime, type Scan } from './date-pieces.ts';
import type { TimeZone } from './time-zones.ts';

/** The pieces of a date as they are written, each kind in the order of the text. */
export interface DateTokens {
  /** The numbers of the calendar date. */
  readonly numbers: readonly string[];
  /** What stands between them; undefined when that differs. */
  readonly separator: string | undefined;
  /** 1 to 12. */
  readonly months: readonly number[];
  /** 0 (Sunday) to 6: those that the name of the weekday may mean. */
  readonly weekdays: readonly number[];
  readonly time: ClockTime | undefined;
  readonly zone: TimeZone | undefined;
}

/**
 * Takes a text apart into the pieces of one date. Nothing is skipped: a text with anything else is no date.
 * @param text short
 * @returns undefined when something in it does not belong to a date
 */
export function dateTokens(text: string): DateTokens | 'unknown_time_zone' | undefined {
  const scan: Scan = {
    numbers: [],
    separator: undefined,
    words: [],
    time: undefined,
    zone: undefined,
    hasUnknownZone: false,
  };
  for (let position = 0; position < text.length;) {
    const length = takePiece(scan, text, position);
    if (length === undefined) return undefined;
    position += length;
  }
  if (scan.hasUnknownZone) return 'unknown_time_zone';
  return { ...scan, ...namesOf(scan.words) };
}

/** @returns the length of the piece at the position */
function takePiece(scan: Scan, text: string, position: number): number | undefined {
  for (const [pattern, add] of DATE_PIECES) {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    if (match !== null && add(scan, match)) return match[0].length;
  }
  return undefined;
}

/** `mar` is Tuesday in French and March in other languages: beside another month it is the weekday. */
function namesOf(words: readonly string[]): Pick<DateTokens, 'months' | 'weekdays'> {
  const hasMonthOnly = words.some((word) => weekdaysOf(word).length === 0);
  const isMonth = (word: string) =>
    monthOf(word) !== undefined && (!hasMonthOnly || weekdaysOf(word).length === 0);
  return {
    months: words.filter(isMonth).flatMap((word) => monthOf(word) ?? []),
    weekdays: words.filter((word) => !isMonth(word)).flatMap(weekdaysOf),
  };
}
