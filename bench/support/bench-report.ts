import process from 'node:process';
import { z } from 'zod';
import { formatTextTable, numbers } from '../../src/text/tables.ts';
import { formatMachine, machineSchema } from './machine.ts';
import { formatSpread, type Spread } from './spread.ts';

export const spreadSchema = z.object({ median: z.number(), min: z.number(), max: z.number() });
const spreads = z.record(z.string(), spreadSchema);

/** What was measured of several subjects that are compared; the rows of a table. */
const groupSchema = z.object({
  title: z.string(),
  columns: z.array(z.object({ key: z.string(), label: z.string(), digits: z.number() })),
  /** A figure that a row does not have is left out. */
  rows: z.array(z.object({ name: z.string(), figures: spreads })),
});

const ratioSchema = z.object({
  name: z.string(),
  value: z.number(),
  aim: z.union([z.object({ atMost: z.number() }), z.object({ atLeast: z.number() })]).optional(),
});

const chartSchema = z.object({
  /** Part of the name of the file: lower case and hyphens. */
  name: z.string().regex(/^[a-z0-9-]+$/),
  title: z.string(),
  unit: z.string(),
  digits: z.number(),
  bars: z.array(spreadSchema.extend({ label: z.string() })).min(1),
  /** A line across the bars, such as the floor or the aim. */
  mark: z.object({ value: z.number(), label: z.string() }).optional(),
});

/** What a benchmark found: printed as text, as JSON, and made into a page by bench/report/main.ts. */
export const benchReportSchema = z.object({
  bench: z.string().regex(/^[a-z]+$/),
  /** What is compared with what, in a sentence or two. */
  method: z.string(),
  at: z.iso.datetime(),
  machine: machineSchema,
  /** Of the programs and servers. */
  versions: z.record(z.string(), z.string()),
  options: z.record(z.string(), z.union([z.number(), z.string()])),
  groups: z.array(groupSchema),
  ratios: z.array(ratioSchema),
  charts: z.array(chartSchema),
  /** What the figures alone do not tell, such as what could not be measured here. */
  notes: z.array(z.string()),
});
export type BenchReport = z.output<typeof benchReportSchema>;
export type Group = BenchReport['groups'][number];
export type Ratio = BenchReport['ratios'][number];
export type Chart = BenchReport['charts'][number];

/** Prints the report on standard output: one JSON object, or text. */
export function printReport(report: BenchReport, json: boolean): void {
  process.stdout.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : `${formatReport(report)}\n`);
}

function formatReport({ method, machine, versions, groups, ratios, notes }: BenchReport): string {
  return [
    method,
    ...groups.map(({ title, columns, rows }) =>
      formatTextTable(
        [title, ...numbers(...columns.map(({ label }) => label))],
        rows.map(({ name, figures }) => [
          name,
          ...columns.map(({ key, digits }) => shown(figures[key], digits)),
        ]),
      ),
    ),
    ratios.map(formatRatio).join('\n'),
    ...notes,
    `${formatMachine(machine)}. ${formatVersions(versions)}. Medians (least–most).`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

export function formatVersions(versions: BenchReport['versions']): string {
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
}

/** Such as `wall, pipeline / xargs line: 0.84 (aim: at most 0.85)`. */
export function formatRatio({ name, value, aim }: Ratio): string {
  const shownValue = `${name}: ${value.toFixed(2)}`;
  if (aim === undefined) return shownValue;
  const [words, isMet] =
    'atMost' in aim
      ? [`at most ${String(aim.atMost)}`, value <= aim.atMost]
      : [`at least ${String(aim.atLeast)}`, value >= aim.atLeast];
  return `${shownValue} (aim: ${words}${isMet ? '' : ', not met'})`;
}

/** A figure with its spread; without one where there was a single round. */
export function shown(spread: Spread | undefined, digits: number): string {
  if (spread === undefined) return '';
  return spread.min === spread.max ? spread.median.toFixed(digits) : formatSpread(spread, digits);
}
