import { EVENT_COLUMNS } from '../../src/collectors/kinds/gdelt/event-columns.ts';

const PLACES = [
  {
    country: 'FR',
    name: 'Paris, Île-de-France, France',
    adm1: 'FRA8',
    latitude: '48.8667',
    longitude: '2.33333',
  },
  { country: 'BN', name: 'Cotonou, Littoral, Benin', adm1: 'BN14', latitude: '6.35', longitude: '2.43333' },
  { country: 'GM', name: 'Berlin, Berlin, Germany', adm1: 'GM16', latitude: '52.5167', longitude: '13.4' },
  // GDELT copies texts of articles with their quotation marks.
  {
    country: 'UK',
    name: 'The "City", London, United Kingdom',
    adm1: 'UKH9',
    latitude: '51.5',
    longitude: '-0.1',
  },
] as const;
const EVENT_CODES = ['010', '042', '0251', '141', '190'] as const;

/** A row of an export file, generated from its number; the same number gives the same row. */
export function generatedEvent(
  number: number,
  slot: string,
  overrides: Readonly<Record<string, string>> = {},
): string[] {
  const place = PLACES[number % PLACES.length] ?? PLACES[0];
  const code = EVENT_CODES[number % EVENT_CODES.length] ?? EVENT_CODES[0];
  const values: Readonly<Record<string, string>> = {
    event_id: String(1_200_000_000 + number),
    event_date: slot.slice(0, 8),
    event_month: slot.slice(0, 6),
    event_year: slot.slice(0, 4),
    event_fraction_of_year: `${slot.slice(0, 4)}.5`,
    actor1_code: 'GOV',
    actor1_name: `ACTOR ${String(number % 97)} "THE FIRST"`,
    actor1_type1_code: 'GOV',
    is_root_event: String(number % 2),
    event_code: code,
    event_base_code: code.slice(0, 3),
    event_root_code: code.slice(0, 2),
    quad_class: '1',
    goldstein_scale: '-2.5',
    mention_count: String(1 + (number % 10)),
    source_count: '1',
    article_count: String(1 + (number % 10)),
    average_tone: '-1.6293279022403',
    action_geo_type: '4',
    action_geo_full_name: place.name,
    action_geo_country_code: place.country,
    action_geo_adm1_code: place.adm1,
    action_geo_latitude: place.latitude,
    action_geo_longitude: place.longitude,
    action_geo_feature_id: '-1456928',
    date_added: slot,
    source_url: `https://news.example/articles/${String(number)}`,
    ...overrides,
  };
  return EVENT_COLUMNS.map(([name]) => values[name] ?? '');
}
