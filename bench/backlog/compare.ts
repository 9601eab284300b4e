import type { BenchReport, Group, Ratio } from '../support/bench-report.ts';

const MOST_GROWTH = 1.25;
/** What takes as long with many videos as with few. */
const CONSTANT = ['status', '/', '/videos', '/metrics', '/api/status', 'enqueue'];

/** Such as `10,000 videos`: the title of the table of a size. */
export function named(size: number): string {
  return `${size.toLocaleString('en')} videos`;
}

/** Of each size to the smallest one. */
export function ratiosOf(groups: readonly Group[], sizes: readonly number[]): Ratio[] {
  const [least, ...others] = sizes;
  if (least === undefined) return [];
  return others.flatMap((size) => {
    const growth = (row: string, key: string) => {
      const [small, large] = [least, size].map((each) => figureOf(groups, each, row, key));
      return small === undefined || large === undefined || small.median === 0
        ? undefined
        : large.median / small.median;
    };
    const ratio = (name: string, value: number | undefined): Ratio[] =>
      value === undefined
        ? []
        : [{ name: `${name}, ${named(size)} / ${named(least)}`, value, aim: { atMost: MOST_GROWTH } }];
    const perVideo = growth('reconcile, nothing to do', 'seconds');
    return [
      ...CONSTANT.flatMap((row) => {
        const key = row.startsWith('/') ? 'slowestSeconds' : 'seconds';
        return ratio(`seconds, ${row}`, growth(row, key));
      }),
      ...ratio(
        'seconds for each video, reconcile',
        perVideo === undefined ? undefined : (perVideo * least) / size,
      ),
      ...ratio('MB, reconcile', growth('reconcile, nothing to do', 'megabytes')),
      ...ratio('MB, Redis', growth('Redis', 'megabytes')),
    ];
  });
}

/** A bar for each row and size. */
export function chartsOf(groups: readonly Group[], sizes: readonly number[]): BenchReport['charts'] {
  const bars = (rows: readonly string[], key: string) =>
    rows.flatMap((row) =>
      sizes.flatMap((size) => {
        const found = figureOf(groups, size, row, key);
        return found === undefined ? [] : [{ label: `${row}, ${size.toLocaleString('en')}`, ...found }];
      }),
    );
  if (sizes.length === 0) return [];
  const chart = (
    name: string,
    title: string,
    unit: string,
    digits: number,
    rows: readonly string[],
    key: string,
  ) => ({
    ...{ name, title, unit, digits },
    bars: bars(rows, key),
  });
  return [
    chart(
      'backlog-answers',
      'Status and pages, by waiting videos',
      'seconds',
      3,
      CONSTANT.slice(0, -1),
      'seconds',
    ),
    chart(
      'backlog-reconcile',
      'Reconcile, by waiting videos',
      'seconds',
      1,
      ['reconcile, all jobs lost', 'reconcile, nothing to do'],
      'seconds',
    ),
    chart(
      'backlog-memory',
      'Memory, by waiting videos',
      'MB',
      0,
      ['reconcile, nothing to do', 'dashboard', 'Redis'],
      'megabytes',
    ),
  ];
}

function figureOf(groups: readonly Group[], size: number, row: string, key: string) {
  return groups.find(({ title }) => title === named(size))?.rows.find(({ name }) => name === row)?.figures[
    key
  ];
}
