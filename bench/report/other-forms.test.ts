import { expect, test } from '@jest/globals';
import { benchReportSchema } from '../support/bench-report.ts';
import { renderSvgChart } from '../support/svg-chart.ts';
import { parseResults } from './other-forms.ts';
import { performancePage } from './performance-page.ts';

const PLACE = {
  machine: { model: 'CPU', processors: 2, memoryGigabytes: 8 },
  at: '2026-01-31T12:00:00.000Z',
};

const run = (program: string, seconds: number) => ({
  ...{ program, seconds, cpuSeconds: 0.5, peakMegabytes: 150 },
  traffic: { requests: 200, upBytes: 1_000, downBytes: 2_000 },
});
const cell = (name: string, ...runs: readonly unknown[]) =>
  JSON.stringify({ cell: name, objects: 100, runs });
const MIRROR = [
  cell('small-first', run('sync', 2), run('rclone', 4), run('sync', 3), run('rclone', 5)),
  cell('listing-100000', run('sync', 1)),
].join('\n');

const latencies = { requests: 200, p50Ms: 20, p95Ms: 90 };
const DASHBOARD = JSON.stringify({
  ...{ node: 'v24.0.0', readers: 20 },
  results: [
    {
      ...{ videos: 5_000, countSeconds: 0.3, cpuMsARequest: 2.5, events: [latencies] },
      pages: [
        { page: '/livez', requests: 200, p50Ms: 2, p95Ms: 5 },
        { page: '/metrics', ...latencies },
      ],
      megabytes: { idle: 130, afterPages: 150, withEvents: 160 },
    },
  ],
});

const COLLECTORS = JSON.stringify({
  feeds: [
    {
      ...{ name: 'long feeds', feeds: 10, megabytesPerFeed: 1, parserAloneFeedsPerSecond: 40 },
      ...{ feedsPerSecond: 30, longestBlockMs: 20, addedMegabytes: 12, keptMegabytes: 1 },
    },
  ],
  rows: 50_000,
  rowsPerSecond: { csvParse: 100, insertMany: 90, read: 80, collectNew: 40, collectKnown: 60 },
});

test('lines of the mirror become one table, with sync in relation to rclone', () => {
  const report = parseResults(`> sonotheque@1.0.0 bench\n> node bench\n\n${MIRROR}\n`, PLACE);
  expect(report).toMatchObject({
    ...PLACE,
    bench: 'mirror',
    options: { cells: 'small-first,listing-100000', rounds: 1 },
  });
  expect(report.groups[0]?.rows[0]).toMatchObject({
    name: 'small-first, sync',
    figures: {
      seconds: { median: 2.5, min: 2, max: 3 },
      cpuMs: { median: 5 },
      requests: { median: 2 },
      bytes: { median: 30 },
    },
  });
  expect(report.ratios.map(({ name, value }) => [name, value])).toEqual([
    ['seconds, sync / rclone, small-first', 2.5 / 4.5],
    ['CPU, sync / rclone, small-first', 1],
    ['MB, sync, small-first', 150],
    ['MB, sync, listing-100000', 150],
  ]);
  expect(report.charts[0]?.bars.map(({ label }) => label)).toEqual(['small-first']);
  expect(report.notes).toEqual([expect.stringContaining('This was a trial')]);
  // Of one cell there is one line.
  expect(parseResults(cell('listing-100000', run('sync', 1)), PLACE).charts).toEqual([]);
});

test('results of the dashboard have a table for each number of videos', () => {
  const report = parseResults(DASHBOARD, PLACE);
  expect(report.groups.map(({ title }) => title)).toEqual(['5,000 videos']);
  expect(report.ratios).toEqual([
    { name: 'p95 ms of the slowest page (/metrics), 5,000 videos', value: 90, aim: { atMost: 300 } },
  ]);
});

test('results of the collectors stand beside their floors', () => {
  const report = parseResults(COLLECTORS, PLACE);
  expect(report.groups.map(({ title }) => title)).toEqual(['FEEDS', '50,000 ROWS OF EVENTS']);
  expect(report.ratios).toEqual([{ name: 'feeds/s, read / parser alone, long feeds', value: 0.75 }]);
  const {
    rows: _rows,
    rowsPerSecond: _perSecond,
    ...feeds
  } = JSON.parse(COLLECTORS) as Record<string, unknown>;
  expect(parseResults(JSON.stringify(feeds), PLACE).groups).toHaveLength(1);
});

test.each([MIRROR, DASHBOARD, COLLECTORS])(
  'each makes a section with its charts, and is kept as a report',
  (text) => {
    const report = parseResults(text, PLACE);
    expect(parseResults(JSON.stringify(report), PLACE)).toEqual(benchReportSchema.parse(report));
    const page = performancePage([report]);
    expect(page).toContain(`## ${report.bench}`);
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
    for (const chart of report.charts) expect(renderSvgChart(chart)).not.toMatch(/NaN|undefined/);
  },
);

test('other JSON is refused', () => {
  expect(() => parseResults('{"results":[]}', PLACE)).toThrow();
  expect(() => parseResults('null', PLACE)).toThrow();
  expect(() => parseResults('no JSON', PLACE)).toThrow(SyntaxError);
});
