import { expect, test } from '@jest/globals';
import { Parser } from 'htmlparser2';
import type { Chart } from './bench-report.ts';
import { renderSvgChart } from './svg-chart.ts';

const CHART: Chart = {
  name: 'test',
  title: 'Time for 40 videos & more',
  unit: 'seconds',
  digits: 1,
  bars: [
    { label: 'floor <ffmpeg>', median: 10, min: 9, max: 12 },
    { label: 'pipeline', median: 20, min: 20, max: 20 },
  ],
  mark: { value: 10, label: 'floor' },
};

/** The elements of an SVG, by name; fails for one that is not closed. */
function elementsOf(svg: string): ReadonlyMap<string, readonly Record<string, string>[]> {
  const found = new Map<string, Record<string, string>[]>();
  const open: string[] = [];
  const parser = new Parser(
    {
      onopentag: (name, attributes) => {
        open.push(name);
        found.set(name, [...(found.get(name) ?? []), attributes]);
      },
      onclosetag: (name, isImplied) => {
        expect([open.pop(), isImplied && !/^(?:rect|line)$/.test(name)]).toEqual([name, false]);
      },
    },
    { xmlMode: true },
  );
  parser.end(svg);
  expect(open).toEqual([]);
  return found;
}

test('a bar is as long as its median, with a line from the least to the most, and foreign text is escaped', () => {
  const svg = renderSvgChart(CHART);
  const elements = elementsOf(svg);
  const bars = (elements.get('rect') ?? []).filter(({ class: name }) => name === 'bar');
  const [short, long] = bars.map(({ width }) => Number(width));
  expect(long).toBeGreaterThan(0);
  expect(short).toBe(Number(long) / 2);
  const [spread] = (elements.get('line') ?? []).filter(({ class: name }) => name === 'spread');
  expect(Number(spread?.['x2']) - Number(spread?.['x1'])).toBeCloseTo((Number(long) * 3) / 20, 0);
  expect(svg).toContain('floor &lt;ffmpeg&gt;');
  expect(svg).toContain('10.0 (9.0–12.0)');
  expect(svg).toContain('>20.0<');
});

test.each([
  ['zeros alone', { bars: [{ label: 'nothing', median: 0, min: 0, max: 0 }] }],
  ['without a mark', { mark: undefined }],
])('a chart with %s is drawn', (_name, changed) => {
  const { mark, ...rest } = { ...CHART, ...changed };
  const svg = renderSvgChart({ ...rest, ...(mark && { mark }) });
  expect(elementsOf(svg).get('svg')).toHaveLength(1);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
});

test('it is legible on light and dark pages: each has a ground and a text colour', () => {
  const svg = renderSvgChart(CHART);
  expect(svg).toContain('prefers-color-scheme: dark');
  expect(svg.match(/\.ground \{ fill/g)).toHaveLength(2);
});
