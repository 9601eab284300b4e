import { COLUMN } from './event-columns.ts';
import type { GdeltSettings } from './settings.ts';

/** Tells whether a row of 61 columns is wanted; a row must pass every filter that is set. */
export type EventFilter = (columns: readonly string[]) => boolean;

const COUNTRIES = [COLUMN.actionGeoCountry, COLUMN.actor1GeoCountry, COLUMN.actor2GeoCountry] as const;

/** Makes the filter of a source from its settings. */
export function createEventFilter(
  settings: Pick<GdeltSettings, 'countries' | 'minMentions' | 'eventRootCodes'>,
): EventFilter {
  const countries = new Set(settings.countries);
  const rootCodes = new Set(settings.eventRootCodes);
  return (columns) =>
    (countries.size === 0 || COUNTRIES.some((index) => countries.has(columns[index] ?? ''))) &&
    (rootCodes.size === 0 || rootCodes.has(columns[COLUMN.eventRootCode] ?? '')) &&
    // A count that is no number goes on, to be rejected with its reason.
    !(Number(columns[COLUMN.mentionCount]) < settings.minMentions);
}
