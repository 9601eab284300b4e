import { expect, test } from '@jest/globals';
import { parseResults } from './other-forms.ts';

const spread = (median: number) => ({ median, min: median, max: median });
const PLACE = {
  machine: { model: 'CPU', processors: 2, memoryGigabytes: 8 },
  at: '2026-01-31T12:00:00.000Z',
};

test('results of start are read', () => {
  const results = [
    {
      name: 'empty Node',
      aim: null,
      wallSeconds: spread(0.05),
      cpuSeconds: spread(0.04),
      megabytes: spread(40),
    },
    {
      ...{
        name: 'worker',
        aim: '1.5 s',
        wallSeconds: spread(1.4),
        cpuSeconds: spread(2),
        megabytes: spread(120),
      },
      firstSeconds: spread(1.2),
    },
  ];
  const report = parseResults({ node: 'v24.0.0', rounds: 7, results }, PLACE);
  expect(report).toMatchObject({
    ...PLACE,
    bench: 'start',
    options: { rounds: 7 },
    versions: { Node: 'v24.0.0' },
  });
  expect(report.groups[0]?.rows[1]).toMatchObject({
    name: 'worker (aim: 1.5 s)',
    figures: { wallSeconds: spread(1.4), firstSeconds: spread(1.2) },
  });
  expect(report.charts[0]?.bars.map(({ label, median }) => [label, median])).toEqual([
    ['empty Node', 0.05],
    ['worker', 1.4],
  ]);
});

test('other JSON is refused', () => {
  expect(() => parseResults({ results: [] }, PLACE)).toThrow();
  expect(() => parseResults(null, PLACE)).toThrow();
});
