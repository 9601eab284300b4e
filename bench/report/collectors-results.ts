import { z } from 'zod';
import type { BenchReport, Chart, Group } from '../support/bench-report.ts';
import { toRow } from '../support/figures.ts';
import type { Place } from './other-forms.ts';

const feed = z.object({
  name: z.string(),
  megabytesPerFeed: z.number(),
  parserAloneFeedsPerSecond: z.number(),
  feedsPerSecond: z.number(),
  longestBlockMs: z.number(),
  addedMegabytes: z.number(),
  keptMegabytes: z.number(),
});

/** What `npm run bench -- collectors --json` prints. */
export const collectorsSchema = z.object({
  feeds: z.array(feed),
  rows: z.number().optional(),
  rowsPerSecond: z
    .object({
      csvParse: z.number(),
      insertMany: z.number(),
      read: z.number(),
      collectNew: z.number(),
      collectKnown: z.number(),
    })
    .optional(),
});

type Results = z.output<typeof collectorsSchema>;

/** Feeds against the parser alone, rows of events against csv-parse and insertMany alone. */
export function fromCollectors({ feeds, rows = 0, rowsPerSecond }: Results, place: Place): BenchReport {
  const feedGroup: Group = {
    title: 'FEEDS',
    columns: [
      { key: 'megabytes', label: 'MB each', digits: 2 },
      { key: 'alone', label: 'feeds/s, parser alone', digits: 1 },
      { key: 'read', label: 'feeds/s', digits: 1 },
      { key: 'blockMs', label: 'longest block ms', digits: 0 },
      { key: 'added', label: 'MB more', digits: 0 },
      { key: 'kept', label: 'MB kept', digits: 0 },
    ],
    rows: feeds.map((each) =>
      toRow(each.name, [
        {
          megabytes: each.megabytesPerFeed,
          alone: each.parserAloneFeedsPerSecond,
          read: each.feedsPerSecond,
          blockMs: each.longestBlockMs,
          added: each.addedMegabytes,
          kept: each.keptMegabytes,
        },
      ]),
    ),
  };
  const ways = rowsPerSecond && {
    'csv-parse alone': rowsPerSecond.csvParse,
    'insertMany alone': rowsPerSecond.insertMany,
    'read: checked, parsed, with fingerprints': rowsPerSecond.read,
    'collect, all new': rowsPerSecond.collectNew,
    'collect, all known': rowsPerSecond.collectKnown,
  };
  const rowGroup: Group = {
    title: `${rows.toLocaleString('en')} ROWS OF EVENTS`,
    columns: [{ key: 'rows', label: 'rows/s', digits: 0 }],
    rows: Object.entries(ways ?? {}).map(([name, perSecond]) => toRow(name, [{ rows: perSecond }])),
  };
  return {
    bench: 'collectors',
    method:
      'Feeds are requested from this machine, parsed and given fingerprints, beside the parser alone; rows of events are read from CSV and written to MongoDB, beside csv-parse and insertMany alone. The best of three rounds.',
    ...place,
    versions: {},
    options: rowsPerSecond === undefined ? {} : { rows },
    groups: [feedGroup, rowGroup].filter((group) => group.rows.length > 0),
    ratios: feeds.map((each) => ({
      name: `feeds/s, read / parser alone, ${each.name}`,
      value: each.feedsPerSecond / each.parserAloneFeedsPerSecond,
    })),
    charts: [
      ...chartOf('collectors-feeds', 'Feeds', 'feeds/s', feedGroup, 'read'),
      ...chartOf('collectors-rows', 'Rows of events', 'rows/s', rowGroup, 'rows'),
    ],
    notes: [],
  };
}

function chartOf(name: string, title: string, unit: string, { rows }: Group, key: string): Chart[] {
  const bars = rows.flatMap(({ name: label, figures }) =>
    figures[key] === undefined ? [] : [{ label, ...figures[key] }],
  );
  return bars.length === 0 ? [] : [{ name, title, unit, digits: 0, bars }];
}
