/**
 * Writes docs/performance.md with its charts, and docs/scale.md, from the results of benchmarks, so that no figure is typed by hand.
 *
 *   npm run bench --silent -- scale --json > /tmp/scale.json
 *   node bench/report/main.ts /tmp/scale.json …
 *
 * The results that are given take the place of those of the same benchmark in bench/results; without any the page is only written again.
 */
import { globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { format } from 'prettier';
import { describeMachine } from '../support/machine.ts';
import { renderSvgChart } from '../support/svg-chart.ts';
import { parseResults } from './other-forms.ts';
import { chartFile, performancePage } from './performance-page.ts';
import { scaleInputs } from './scale-inputs.ts';
import { scalePage } from './scale-page.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const RESULTS = path.join(ROOT, 'bench/results');
const PAGE = path.join(ROOT, 'docs/performance.md');
const SCALE_PAGE = path.join(ROOT, 'docs/scale.md');

mkdirSync(RESULTS, { recursive: true });
for (const file of process.argv.slice(2)) {
  const report = readReport(file);
  const text = await format(JSON.stringify(report), { parser: 'json', printWidth: 110 });
  writeFileSync(path.join(RESULTS, `${report.bench}.json`), text);
}
const reports = globSync(path.join(RESULTS, '*.json')).map(readReport);
const charts = path.join(path.dirname(PAGE), 'performance');
rmSync(charts, { recursive: true, force: true });
mkdirSync(charts, { recursive: true });
for (const { charts: drawn } of reports) {
  for (const chart of drawn)
    writeFileSync(path.join(path.dirname(PAGE), chartFile(chart)), renderSvgChart(chart));
}
writeFileSync(PAGE, await format(performancePage(reports), { parser: 'markdown', printWidth: 110 }));
writeFileSync(
  SCALE_PAGE,
  await format(scalePage(scaleInputs(reports)), { parser: 'markdown', printWidth: 110 }),
);

/** @throws z.ZodError, SyntaxError when it is not the JSON of a benchmark that has a page */
function readReport(file: string) {
  const place = { machine: describeMachine(), at: statSync(file).mtime.toISOString() };
  return parseResults(readFileSync(file, 'utf8'), place);
}
