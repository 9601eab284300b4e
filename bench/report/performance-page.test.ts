import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { format } from 'prettier';
import { benchReportSchema, type BenchReport } from '../support/bench-report.ts';
import { renderSvgChart } from '../support/svg-chart.ts';
import { chartFile, performancePage } from './performance-page.ts';
import { scaleInputs } from './scale-inputs.ts';
import { scalePage } from './scale-page.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const reports = globSync(path.join(ROOT, 'bench/results/*.json')).map((file) =>
  benchReportSchema.parse(JSON.parse(readFileSync(file, 'utf8'))),
);
const read = (page: string) => readFileSync(path.join(ROOT, 'docs', page), 'utf8');
const formatted = (page: string) => format(page, { parser: 'markdown', printWidth: 110 });

test('the pages in docs and their charts are what the results in bench/results say', async () => {
  expect(reports.length).toBeGreaterThan(0);
  expect(read('performance.md')).toBe(await formatted(performancePage(reports)));
  expect(read('scale.md')).toBe(await formatted(scalePage(scaleInputs(reports))));
  for (const chart of reports.flatMap(({ charts }) => charts)) {
    expect(read(chartFile(chart))).toBe(renderSvgChart(chart));
  }
});

test.each([
  [0.2, false],
  [7, true],
])(
  'with a load of %d before the run the page says that other programs were at work: %s',
  (loadBefore, isSaid) => {
    const report: BenchReport = {
      ...{ bench: 'scale', method: 'A method.', at: '2026-01-31T12:00:00.000Z', versions: { Node: 'v24' } },
      machine: { model: 'CPU', processors: 2, memoryGigabytes: 8, loadBefore, loadAfter: 8 },
      ...{ options: { items: 10 }, ratios: [], charts: [], notes: ['A note | with a bar.'] },
      groups: [
        {
          title: 'WORKERS',
          columns: [{ key: 'seconds', label: 'seconds', digits: 1 }],
          rows: [{ name: '/metrics | x', figures: { seconds: { median: 1, min: 0.5, max: 2 } } }],
        },
      ],
    };
    const page = performancePage([report]);
    expect(page.includes('Other programs were at work')).toBe(isSaid);
    expect(page).toContain('| `/metrics \\| x` | 1.0 (0.5–2.0) |');
    expect(page).toContain('`npm run bench -- scale --items=10`, 2026-01-31: 2 × CPU, 8 GB; load');
  },
);
