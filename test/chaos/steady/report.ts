import { formatTextTable } from '../../../src/text/text-table.ts';
import type { Trend } from './trend.ts';

/** The outcome of a steady run, as `--json` prints it. */
export interface SteadyReport {
  readonly minutes: number;
  readonly workers: number;
  /** Items fed in a second. */
  readonly rate: number;
  readonly fed: number;
  /** Of those, the ones that came to their end: mirrored, or failed with a reason. */
  readonly mirrored: number;
  readonly failed: number;
  /** Looks at the figures. */
  readonly samples: number;
  readonly trends: readonly Trend[];
  /** Workers that ended by themselves, or not with 0 when they were asked to. */
  readonly crashes: readonly string[];
  readonly isFlat: boolean;
}

/** Whether all figures stayed flat, nothing crashed, and everything that was fed came to its end. */
export function isSteady({ isFlat, crashes, fed, mirrored, failed }: SteadyReport): boolean {
  return isFlat && crashes.length === 0 && mirrored + failed === fed;
}

/** For a person. */
export function formatSteadyReport(report: SteadyReport): string {
  const { trends, crashes, isFlat: _isFlat, ...figures } = report;
  const right = (heading: string) => ({ heading, align: 'right' as const });
  return [
    ...Object.entries(figures).map(([name, value]) => `${name.padEnd(10)} ${String(value)}`),
    formatTextTable(
      [
        { heading: 'figure' },
        ...['first', 'last', 'peak', 'slope/h', 'growth', 'limit'].map(right),
        { heading: '' },
      ],
      trends.map((trend) => [
        trend.figure,
        ...[trend.first, trend.last, trend.peak, trend.slopePerHour, trend.growth, trend.limit].map(short),
        trend.isFlat ? 'flat' : 'GROWS',
      ]),
    ),
    ...crashes.map((crash) => `! ${crash}`),
    isSteady(report) ? 'Flat.' : 'Not flat, or not everything came to its end.',
    '',
  ].join('\n');
}

function short(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}
