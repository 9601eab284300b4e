import { definedFields } from '../../../domain/defined-fields.ts';
import type { DocumentItem, PlainValue, RejectedItem } from '../../collector.ts';
import { COLUMN, EVENT_COLUMNS } from './event-columns.ts';
import type { GdeltSettings } from './settings.ts';
import { parseTimestamp, type Slot } from './slots.ts';

/** Whether a row of 61 columns passes every filter of the source. */
export type EventFilter = (columns: readonly string[]) => boolean;

const COUNTRY_COLUMNS = [COLUMN.actionGeoCountry, COLUMN.actor1GeoCountry, COLUMN.actor2GeoCountry] as const;
const NUMBER = /^-?\d+(\.\d+)?([eE][-+]?\d+)?$/;

export function createEventFilter(
  settings: Pick<GdeltSettings, 'countries' | 'minMentions' | 'eventRootCodes'>,
): EventFilter {
  const countries = new Set(settings.countries);
  const rootCodes = new Set(settings.eventRootCodes);
  return (columns) =>
    (countries.size === 0 || COUNTRY_COLUMNS.some((index) => countries.has(columns[index] ?? ''))) &&
    (rootCodes.size === 0 || rootCodes.has(columns[COLUMN.eventRootCode] ?? '')) &&
    // A count that is not a number passes, so that the row is rejected with a reason.
    !(Number(columns[COLUMN.mentionCount]) < settings.minMentions);
}

/**
 * Converts a row to a document. The identity is the event id; the payload contains the non-empty columns under readable
 * names.
 * @param position the slot and the line (from 1) of the row.
 * @returns undefined when the filter excludes it; the reason when the row does not match the codebook.
 */
export function readEventRow(
  columns: readonly string[],
  isWanted: EventFilter,
  position: { readonly slot: Slot; readonly line: number },
): DocumentItem | RejectedItem | undefined {
  const reject = (reason: string, problem: string): RejectedItem => ({
    type: 'rejected',
    reason,
    detail: `slot ${position.slot}, line ${String(position.line)}: ${problem}`,
  });
  if (columns.length !== EVENT_COLUMNS.length) {
    return reject('wrong_column_count', `${String(columns.length)} columns, not 61`);
  }
  const eventId = columns[COLUMN.eventId] ?? '';
  if (!/^[1-9]\d{0,18}$/.test(eventId)) {
    return reject('invalid_event_id', `"${eventId.slice(0, 40)}" is not an event id`);
  }
  if (!isWanted(columns)) return undefined;
  const publishedAt = parseTimestamp(columns[COLUMN.dateAdded] ?? '');
  if (publishedAt === undefined) return reject('invalid_date', `event ${eventId} has an invalid date_added`);
  const payload: Record<string, PlainValue> = {};
  for (const [index, [name, type]] of EVENT_COLUMNS.entries()) {
    const text = columns[index] ?? '';
    if (text === '') continue;
    if (type === 'number' && !NUMBER.test(text)) {
      return reject('invalid_number', `event ${eventId}, ${name}: "${text.slice(0, 40)}"`);
    }
    payload[name] = type === 'number' ? Number(text) : text;
  }
  const url = columns[COLUMN.sourceUrl] ?? '';
  return definedFields({
    type: 'document' as const,
    identity: { event_id: eventId },
    publishedAt,
    payload,
    // Broadcasts and old books have a citation instead of a URL.
    url: /^https?:\/\//i.test(url) && URL.canParse(url) ? url : undefined,
  });
}
