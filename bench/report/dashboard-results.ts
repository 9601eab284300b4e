import { z } from 'zod';
import type { BenchReport, Ratio } from '../support/bench-report.ts';
import { toRow } from '../support/figures.ts';
import type { Place } from './other-forms.ts';

const latencies = z.object({ requests: z.number(), p50Ms: z.number(), p95Ms: z.number() });

/** What `npm run bench -- dashboard --json` prints. */
export const dashboardSchema = z.object({
  node: z.string(),
  readers: z.number(),
  results: z
    .array(
      z.object({
        videos: z.number(),
        countSeconds: z.number(),
        pages: z.array(latencies.extend({ page: z.string() })).min(1),
        events: z.array(latencies),
        megabytes: z.object({ idle: z.number(), afterPages: z.number(), withEvents: z.number() }),
        cpuMsARequest: z.number(),
      }),
    )
    .min(1),
});

type Results = z.output<typeof dashboardSchema>;

const FLOOR = '/livez';
const MOST_MS = 300;
const READERS = 20;

/** A table for each number of videos, with a row for each page. */
export function fromDashboard({ node, readers, results }: Results, place: Place): BenchReport {
  const named = (videos: number) => `${videos.toLocaleString('en')} videos`;
  return {
    bench: 'dashboard',
    method: `${String(readers)} readers at once ask for the same page again and again, each once its last answer is there; measured to the first byte. The floor is ${FLOOR}, which reads nothing.`,
    ...place,
    versions: { Node: node },
    options: { videos: results.map(({ videos }) => videos).join(','), readers },
    groups: results.map(({ videos, pages, events, countSeconds, megabytes, cpuMsARequest }) => ({
      title: named(videos),
      columns: [
        { key: 'p50Ms', label: 'p50 ms', digits: 0 },
        { key: 'p95Ms', label: 'p95 ms', digits: 0 },
        { key: 'requests', label: 'requests', digits: 0 },
        { key: 'cpuMs', label: 'CPU ms/request', digits: 1 },
        { key: 'seconds', label: 'seconds', digits: 2 },
        { key: 'megabytes', label: 'MB', digits: 0 },
      ],
      rows: [
        ...pages.map(({ page, ...figures }) => toRow(page, [figures])),
        toRow('readers of events, told of a change', events),
        toRow('all pages', [{ cpuMs: cpuMsARequest }]),
        toRow('dashboard, idle', [{ megabytes: megabytes.idle }]),
        toRow('dashboard, after the pages', [{ megabytes: megabytes.afterPages }]),
        toRow('dashboard, with readers of events', [{ megabytes: megabytes.withEvents }]),
        toRow('counting the audio', [{ seconds: countSeconds }]),
      ],
    })),
    ratios: results.flatMap(({ videos, pages }): Ratio[] => {
      const slowest = pages.toSorted((one, other) => other.p95Ms - one.p95Ms)[0];
      if (slowest === undefined) return [];
      const name = `p95 ms of the slowest page (${slowest.page}), ${named(videos)}`;
      return [{ name, value: slowest.p95Ms, aim: { atMost: MOST_MS } }];
    }),
    charts: results.map(({ videos, pages }) => ({
      name: `dashboard-${String(videos)}`,
      title: `Pages with ${String(readers)} readers at once, ${named(videos)}`,
      unit: 'ms (p50 to p95)',
      digits: 0,
      bars: pages.map(({ page, p50Ms, p95Ms }) => ({ label: page, median: p50Ms, min: p50Ms, max: p95Ms })),
      mark: { value: MOST_MS, label: `aim: ${String(MOST_MS)} ms` },
    })),
    notes:
      readers === READERS
        ? []
        : [`This was a trial, with a value of --readers that is not the default one (${String(READERS)}).`],
  };
}
