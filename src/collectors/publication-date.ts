import { z } from 'zod';
import { DATE_ORDERS, type DateOrder } from '../text/dates/calendar-date.ts';
import { readDate, type DateProblem } from '../text/dates/read-date.ts';

const MAX_SHOWN_CHARACTERS = 60;

/** The setting of a source, or of a part of it, for dates in numbers. */
export const dateOrderSetting = z
  .enum(DATE_ORDERS)
  .optional()
  .describe(
    'How dates such as 03/04/2026 are written there: `dmy` (3 April) or `mdy` (March 4). Without it they are not read, because they are ambiguous.',
  );

/** A date that cannot be read, and why. */
export interface UnreadableDate {
  readonly reason: DateProblem;
  /** As the source writes it, cut. */
  readonly text: string;
}

/** The date of an item, or why there is none; neither when the source was not asked for one. */
export type PublicationDate =
  | { readonly publishedAt: Date }
  | { readonly dateProblem: UnreadableDate }
  | { readonly publishedAt?: never; readonly dateProblem?: never };

/**
 * Reads the date of publication of an item, in every kind of source alike.
 * @param text as the source writes it; undefined when it was not asked for a date
 * @param limits.from with `to`: dates outside stand for an empty field or a mistake
 */
export function publicationDate(
  text: string | undefined,
  limits: {
    readonly dateOrder?: DateOrder | undefined;
    readonly from?: Date;
    readonly to?: Date;
  } = {},
): PublicationDate {
  if (text === undefined) return {};
  const { dateOrder, from, to } = limits;
  const reading = readDate(text, dateOrder === undefined ? {} : { dateOrder });
  const problem = (reason: DateProblem) => ({
    dateProblem: { reason, text: text.slice(0, MAX_SHOWN_CHARACTERS).replaceAll(/\s+/g, ' ').trim() },
  });
  if ('problem' in reading) return problem(reading.problem);
  const { date } = reading;
  const isWithin = (from === undefined || date >= from) && (to === undefined || date <= to);
  return isWithin ? { publishedAt: date } : problem('date_out_of_range');
}
