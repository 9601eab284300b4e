import { BYTE_UNITS, formatMoment, scaleBytes } from '../units.ts';
import type { Language } from './languages.ts';

/**
 * A word in the plural categories of its language (Unicode CLDR, `Intl.PluralRules`); `other` stands for those that are
 * left out.
 */
type PluralForms = Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string }>;

/** How a language writes numbers, times and sizes. Times are in UTC. */
export interface Formats {
  /** `25,047` or `25 047`. */
  readonly number: (value: number) => string;
  /** With one digit after the point: `1.3` or `1,3`. */
  readonly decimal: (value: number) => string;
  /** The form that goes with a number: `was` or `were`. */
  readonly plural: (value: number, forms: PluralForms) => string;
  /** A number and its noun: `1 document`, `2 documents`. */
  readonly count: (value: number, forms: PluralForms) => string;
  /** `2026-01-31 07:00 UTC` or `31/01/2026 07:00 UTC`; a dash for null. */
  readonly moment: (at: Date | null) => string;
  /** A day in UTC, given as `YYYY-MM-DD`. */
  readonly day: (isoDay: string) => string;
  /** `1.5 GB` or `1,5 Go`: decimal units, as disks and object stores count. */
  readonly bytes: (bytes: number) => string;
}

/** What `Intl` does not know of a language, or knows otherwise. */
const CONVENTIONS = {
  // English dates are written as ISO 8601 has them: the day and the month cannot be mistaken for each other.
  en: { units: BYTE_UNITS, unitSpace: ' ', hasIsoDates: true },
  fr: { units: ['o', 'ko', 'Mo', 'Go', 'To', 'Po'], unitSpace: '\u00a0', hasIsoDates: false },
} as const satisfies Record<Language, unknown>;

export function createFormats(language: Language): Formats {
  const { units, unitSpace, hasIsoDates } = CONVENTIONS[language];
  const numbers = new Intl.NumberFormat(language);
  const decimals = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const rules = new Intl.PluralRules(language);
  const plural = (value: number, forms: PluralForms) => forms[rules.select(value)] ?? forms.other;
  const days = new Intl.DateTimeFormat(language, { dateStyle: 'short', timeZone: 'UTC' });
  const minutes = new Intl.DateTimeFormat(language, { timeStyle: 'short', timeZone: 'UTC' });
  return {
    number: (value) => numbers.format(value),
    decimal: (value) => decimals.format(value),
    plural,
    count: (value, forms) => `${numbers.format(value)} ${plural(value, forms)}`,
    moment: (at) =>
      hasIsoDates || at === null ? formatMoment(at) : `${days.format(at)} ${minutes.format(at)} UTC`,
    day: (isoDay) => (hasIsoDates ? isoDay : days.format(new Date(`${isoDay}T00:00:00Z`))),
    bytes: (bytes) => {
      const { value, unit } = scaleBytes(bytes);
      return `${unit === 0 ? String(value) : decimals.format(value)}${unitSpace}${units[unit] ?? ''}`;
    },
  };
}
