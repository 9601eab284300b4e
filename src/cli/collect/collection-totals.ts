import type { ConfiguredSource } from '../../collectors/configured-source.ts';
import { NO_COUNTS } from '../../database/collections/run.ts';
import type { Database } from '../../database/database.ts';
import { addCounts } from '../../database/run-overview.ts';
import { lastHours } from '../../reports/collection/report.ts';
import type { Messages } from '../../text/messages/en.ts';
import { plainText } from '../../text/plain-text.ts';
import { formatTextTable, numbers } from '../../text/tables.ts';

const DAY_HOURS = 24;
const MAX_LABEL_LENGTH = 50;

/** The documents of each source that has any, by its id. */
type CollectionTotals = ReadonlyMap<string, number>;

/** The documents of all sources. */
export function sumOfTotals(totals: CollectionTotals): number {
  return [...totals.values()].reduce((sum, count) => sum + count, 0);
}

/** The labels of the configured sources and of those that were configured once, by their ids. */
export async function readLabels(
  { sources }: Pick<Database, 'sources'>,
  configured: readonly ConfiguredSource[],
): Promise<ReadonlyMap<string, string>> {
  const known = (await sources.all()).map(({ _id: id, label }) => [id, label] as const);
  return new Map([...known, ...configured.map(({ id, label }) => [id, label] as const)]);
}

/** How many new documents the runs of the last 24 hours inserted. */
export async function newOfLastDay(
  { runOverview }: Pick<Database, 'runOverview'>,
  at: Date,
): Promise<number> {
  const { from, to } = lastHours(DAY_HOURS, at);
  const tallies = await runOverview.dailySums(from, to);
  return tallies.reduce((sum, { counts }) => addCounts(sum, counts), NO_COUNTS).new;
}

/** What is there before a collection, the source with the most documents first. */
export function formatBefore(
  before: CollectionTotals,
  labels: ReadonlyMap<string, string>,
  { words, collect, format }: Messages,
): string {
  const rows = [...before].sort(([, first], [, second]) => second - first);
  const table = formatTextTable(
    [words.source.toUpperCase(), ...numbers(words.documents)],
    [
      ...rows.map(([id, count]) => [labelOf(id, labels), format.number(count)]),
      [words.total, format.number(sumOfTotals(before))],
    ],
  );
  return `${collect.before}\n${table}`;
}

/** What is there after it, and what it has added. */
export function formatAfter(
  before: CollectionTotals,
  after: CollectionTotals,
  labels: ReadonlyMap<string, string>,
  newInDay: number,
  { words, collect, format }: Messages,
): string {
  const ids = [...new Set([...after.keys(), ...before.keys()])];
  const countOf = (totals: CollectionTotals, id: string) => totals.get(id) ?? 0;
  const row = (name: string, from: number, to: number) => [
    ...[name, format.number(from), format.number(to)],
    `${to < from ? '' : '+'}${format.number(to - from)}`,
  ];
  const table = formatTextTable(
    [words.source.toUpperCase(), ...numbers(words.before, words.after, words.growth)],
    [
      ...ids
        .sort((first, second) => countOf(after, second) - countOf(after, first))
        .map((id) => row(labelOf(id, labels), countOf(before, id), countOf(after, id))),
      row(words.total, sumOfTotals(before), sumOfTotals(after)),
    ],
  );
  return `${collect.after}\n${table}\n${collect.newInDay(newInDay)}`;
}

function labelOf(id: string, labels: ReadonlyMap<string, string>): string {
  return plainText(labels.get(id) ?? id, MAX_LABEL_LENGTH);
}
