type ColumnType = 'text' | 'number';

const actor = (name: string): readonly (readonly [string, ColumnType])[] =>
  [
    'code',
    'name',
    'country_code',
    'known_group_code',
    'ethnic_code',
    'religion1_code',
    'religion2_code',
    'type1_code',
    'type2_code',
    'type3_code',
  ].map((part) => [`${name}_${part}`, 'text']);

const place = (name: string): readonly (readonly [string, ColumnType])[] => [
  [`${name}_type`, 'number'],
  [`${name}_full_name`, 'text'],
  [`${name}_country_code`, 'text'],
  [`${name}_adm1_code`, 'text'],
  [`${name}_adm2_code`, 'text'],
  [`${name}_latitude`, 'number'],
  [`${name}_longitude`, 'number'],
  [`${name}_feature_id`, 'text'],
];

/**
 * The 61 columns of an export file in their order, with readable names (GDELT 2.0 Event Database Codebook). Codes are
 * texts, because event codes begin with zeros (`042`). `actor1_country_code` and `actor2_country_code` are CAMEO codes
 * of three letters. The country codes of places (`…_geo_country_code`) are FIPS 10-4 codes of two letters, which differ
 * from ISO codes: Germany is `GM`, the United Kingdom `UK`, Benin `BN`. `date_added` is UTC; `event_date` is `YYYYMMDD`.
 */
export const EVENT_COLUMNS: readonly (readonly [name: string, type: ColumnType])[] = [
  ['event_id', 'text'],
  ['event_date', 'text'],
  ['event_month', 'text'],
  ['event_year', 'number'],
  ['event_fraction_of_year', 'number'],
  ...actor('actor1'),
  ...actor('actor2'),
  ['is_root_event', 'number'],
  ['event_code', 'text'],
  ['event_base_code', 'text'],
  ['event_root_code', 'text'],
  ['quad_class', 'number'],
  ['goldstein_scale', 'number'],
  ['mention_count', 'number'],
  ['source_count', 'number'],
  ['article_count', 'number'],
  ['average_tone', 'number'],
  ...place('actor1_geo'),
  ...place('actor2_geo'),
  ...place('action_geo'),
  ['date_added', 'text'],
  ['source_url', 'text'],
];

/** The indexes of the columns that the collector reads individually. */
export const COLUMN = {
  eventId: 0,
  eventRootCode: 28,
  mentionCount: 31,
  actor1GeoCountry: 37,
  actor2GeoCountry: 45,
  actionGeoCountry: 53,
  dateAdded: 59,
  sourceUrl: 60,
} as const;
