import type { FoundDocument, PlainValue, RejectedItem } from '../../collector.ts';
import { COLUMN, EVENT_COLUMNS } from './event-columns.ts';
import type { EventFilter } from './event-filter.ts';
import { parseMoment, type Slot } from './slots.ts';

/** Where a row stands. */
export interface RowPlace {
  readonly slot: Slot;
  /** The first is 1. */
  readonly line: number;
}

/**
 * Makes a document of a row: identity is its event id, the payload holds its columns under readable names without the
 * empty ones.
 * @returns undefined when the filter leaves it out; the reason when the row is not what the codebook says.
 */
export function readEventRow(
  columns: readonly string[],
  isWanted: EventFilter,
  place: RowPlace,
): FoundDocument | RejectedItem | undefined {
  const reject = (reason: string, what: string): RejectedItem => ({
    type: 'rejected',
    reason,
    detail: `slot ${place.slot}, line ${String(place.line)}: ${what}`,
  });
  if (columns.length !== EVENT_COLUMNS.length) {
    return reject('wrong_column_count', `${String(columns.length)} columns, not 61`);
  }
  const eventId = columns[COLUMN.eventId] ?? '';
  if (!/^[1-9]\d{0,18}$/.test(eventId)) {
    return reject('invalid_event_id', `"${eventId.slice(0, 40)}" is no event id`);
  }
  if (!isWanted(columns)) return undefined;
  const publishedAt = parseMoment(columns[COLUMN.dateAdded] ?? '');
  if (publishedAt === undefined)
    return reject('invalid_date', `event ${eventId} has no valid date of adding`);
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
  return {
    type: 'document',
    identity: { event_id: eventId },
    publishedAt,
    payload,
    // Broadcasts and old books have a citation instead.
    ...(/^https?:\/\//i.test(url) && URL.canParse(url) ? { url } : {}),
  };
}

const NUMBER = /^-?\d+(\.\d+)?([eE][-+]?\d+)?$/;
