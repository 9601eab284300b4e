import { z } from 'zod';
import { benchReportSchema, spreadSchema, type BenchReport } from '../support/bench-report.ts';
import { barsOf } from '../support/figures.ts';
import type { Machine } from '../support/machine.ts';

const startSchema = z.object({
  node: z.string(),
  rounds: z.number(),
  results: z
    .array(
      z.object({
        name: z.string(),
        aim: z.string().nullable(),
        wallSeconds: spreadSchema,
        cpuSeconds: spreadSchema,
        megabytes: spreadSchema,
        firstSeconds: spreadSchema.optional(),
      }),
    )
    .min(1),
});

/** Where and when a benchmark ran that does not say so: it is asked of whoever makes the page. */
export interface Place {
  readonly machine: Machine;
  readonly at: string;
}

/**
 * The results of any benchmark with a page.
 * @throws z.ZodError when they are of none
 */
export function parseResults(content: unknown, place: Place): BenchReport {
  const start = startSchema.safeParse(content);
  if (start.success) return fromStart(start.data, place);
  return benchReportSchema.parse(content);
}

function fromStart({ node, rounds, results }: z.output<typeof startSchema>, place: Place): BenchReport {
  const group = {
    title: 'Start',
    columns: [
      { key: 'wallSeconds', label: 'seconds', digits: 2 },
      { key: 'firstSeconds', label: 'first queue', digits: 2 },
      { key: 'cpuSeconds', label: 'CPU s', digits: 2 },
      { key: 'megabytes', label: 'MB', digits: 0 },
    ],
    rows: results.map(({ name, aim, firstSeconds, ...figures }) => ({
      name: aim === null ? name : `${name} (aim: ${aim})`,
      figures: { ...figures, ...(firstSeconds && { firstSeconds }) },
    })),
  };
  const method =
    'From the start of a command to its end, and of a worker to its work on all its queues. The floor is an empty Node. MB: the most a command held, and what an idle worker holds.';
  return {
    ...{ bench: 'start', method, ...place, versions: { Node: node }, options: { rounds } },
    groups: [group],
    ratios: [],
    charts: [
      {
        ...{ name: 'start', title: 'Time to start', unit: 'seconds', digits: 2 },
        bars: barsOf(
          { ...group, rows: results.map(({ name, wallSeconds }) => ({ name, figures: { wallSeconds } })) },
          'wallSeconds',
        ),
      },
    ],
    notes: [],
  };
}
