import { z } from 'zod';
import { benchReportSchema, type BenchReport } from '../support/bench-report.ts';
import type { Machine } from '../support/machine.ts';
import { collectorsSchema, fromCollectors } from './collectors-results.ts';
import { dashboardSchema, fromDashboard } from './dashboard-results.ts';
import { fromMirror, mirrorSchema } from './mirror-results.ts';

/** Where and when a benchmark ran that does not say so: it is asked of whoever makes the page. */
export interface Place {
  readonly machine: Machine;
  readonly at: string;
}

/**
 * The results of any benchmark with a page, from what it printed: one JSON object, or one in each line. npm says what it runs before it.
 * @throws z.ZodError when they are of none
 * @throws SyntaxError when it is no JSON
 */
export function parseResults(text: string, place: Place): BenchReport {
  const content = parseJson(text.slice(Math.max(0, text.search(/^\{/m))));
  const other = z
    .union([
      mirrorSchema.transform((cells) => fromMirror(cells, place)),
      dashboardSchema.transform((results) => fromDashboard(results, place)),
      collectorsSchema.transform((results) => fromCollectors(results, place)),
    ])
    .safeParse(content);
  return other.success ? other.data : benchReportSchema.parse(content);
}

function parseJson(text: string): unknown {
  const lines = text.split('\n').filter((line) => line.startsWith('{'));
  // A list also when it has one line.
  if (lines.length > 0 && lines.every((line) => line.startsWith('{"cell"')))
    return lines.map((line): unknown => JSON.parse(line));
  return JSON.parse(text);
}
