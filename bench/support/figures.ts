import type { Chart, Group } from './bench-report.ts';
import { spreadOf } from './spread.ts';

/** The figures of one round, by the keys of the columns. */
export type Figures = Readonly<Record<string, number>>;

/** A row of a table: the spread of each figure over the rounds. */
export function toRow(name: string, rounds: readonly Figures[]): Group['rows'][number] {
  const keys = new Set(rounds.flatMap((figures) => Object.keys(figures)));
  const entries = [...keys].map(
    (key) => [key, spreadOf(rounds.flatMap((figures) => figures[key] ?? []))] as const,
  );
  return { name, figures: Object.fromEntries(entries) };
}

/** The median of a figure. @throws Error when it was not measured */
export function medianOf(group: Group, row: string, key: string): number {
  const found = group.rows.find(({ name }) => name === row)?.figures[key];
  if (found === undefined) throw new Error(`${row} has no ${key}.`);
  return found.median;
}

/** The bars of one column; rows without the figure are left out. */
export function barsOf({ rows }: Group, key: string): Chart['bars'] {
  return rows.flatMap(({ name, figures }) => {
    const found = figures[key];
    return found === undefined ? [] : [{ label: name, ...found }];
  });
}
