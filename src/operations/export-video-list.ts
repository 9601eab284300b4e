import type { Database } from '../database/database.ts';
import type { VideoDocument } from '../database/collections/video.ts';
import { BYTE_ORDER_MARK, csvLine, type CsvValue } from '../text/csv.ts';
import { filterOf, orderOf, type VideoQuery } from './video-query.ts';
import { toVideoRow, type VideoRow } from './video-row.ts';

export const LIST_FORMATS = ['csv', 'jsonl'] as const;
export type ListFormat = (typeof LIST_FORMATS)[number];

/** Media types: RFC 4180, section 3; JSON Lines has none that is registered, and generated clients take `application/jsonl` for JSON. */
export const LIST_TYPES: Readonly<Record<ListFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  jsonl: 'application/x-ndjson; charset=utf-8',
};

/** Rows that are in memory at once. */
const PAGE_SIZE = 500;

const COLUMNS: readonly (readonly [name: string, valueOf: (row: VideoRow) => CsvValue])[] = [
  ['id', ({ id }) => id],
  ['title', ({ title }) => title],
  ['author', ({ author }) => author],
  ['channel', ({ channel }) => channel],
  ['url', ({ url }) => url],
  ['status', ({ status }) => status],
  ['reason', ({ reason }) => reason],
  ['published_at', ({ publishedAt }) => publishedAt?.toISOString() ?? null],
  ['duration_seconds', ({ durationSeconds }) => durationSeconds],
  ['size_bytes', ({ sizeBytes }) => sizeBytes],
  ['language', ({ language }) => language],
  ['object', ({ object }) => object],
  ['updated_at', ({ updatedAt }) => updatedAt.toISOString()],
];

/**
 * The whole list of a query as a file, in pieces of a page each; the next page is read when the reader takes the next piece.
 * CSV begins with a byte order mark, for Excel, and the names of the columns; JSON Lines is for programs and has neither.
 * The first piece is read before anything is written, so that a database that is away is still an ordinary error.
 * In the order of the list; sorted by the latest change it would miss videos that change while it is written, so it is in
 * the order of ids then.
 */
export async function* exportVideoList(
  query: VideoQuery,
  format: ListFormat,
  database: Database,
): AsyncGenerator<string, void> {
  const write = format === 'csv' ? toCsv : toJson;
  let head = format === 'csv' ? BYTE_ORDER_MARK + csvLine(COLUMNS.map(([name]) => name)) : '';
  for await (const videos of pagesOf(query, database)) {
    yield head + videos.map((video) => write(toVideoRow(video))).join('');
    head = '';
  }
  if (head !== '') yield head;
}

function pagesOf(query: VideoQuery, { search }: Database): AsyncIterable<readonly VideoDocument[]> {
  const order = orderOf(query);
  const filter = filterOf(query);
  return order.sort === 'changed' ? search.walk(filter, PAGE_SIZE) : search.sorted(filter, order, PAGE_SIZE);
}

function toCsv(row: VideoRow): string {
  return csvLine(COLUMNS.map(([, valueOf]) => valueOf(row)));
}

function toJson(row: VideoRow): string {
  return `${JSON.stringify(row)}\n`;
}
