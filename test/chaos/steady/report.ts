import { formatTextTable, numbers } from '../../../src/text/tables.ts';
import type { Trend } from './trend.ts';

/** The outcome of a steady run, as `--json` prints it. */
export interface SteadyReport {
  readonly minutes: number;
  readonly workers: number;
  /** Items fed in a second. */
  readonly rate: number;
  readonly fed: number;
  readonly mirrored: number;
  readonly failed: number;
  /** How often the figures were read. */
  readonly samples: number;
  readonly trends: readonly Trend[];
  /** Workers that ended by themselves, or not with exit code 0 after SIGTERM. */
  readonly crashes: readonly string[];
  readonly isFlat: boolean;
}

/** Whether all figures stayed flat, nothing crashed, and all items are mirrored or failed. */
export function isSteady({ isFlat, crashes, fed, mirrored, failed }: SteadyReport): boolean {
  return isFlat && crashes.length === 0 && mirrored + failed === fed;
}

/** The report as text. */
export function formatSteadyReport(report: SteadyReport): string {
  const { trends, crashes, isFlat: _isFlat, ...figures } = report;
  return [
    ...Object.entries(figures).map(([name, value]) => `${name.padEnd(10)} ${String(value)}`),
    formatTextTable(
      ['figure', ...numbers('first', 'last', 'peak', 'slope/h', 'growth', 'limit'), ''],
      trends.map((trend) => [
        trend.figure,
        ...[trend.first, trend.last, trend.peak, trend.slopePerHour, trend.growth, trend.limit].map(short),
        trend.isFlat ? 'flat' : 'GROWS',
      ]),
    ),
    ...crashes.map((crash) => `! ${crash}`),
    isSteady(report) ? 'Flat.' : 'Not flat, or not all items are finished.',
    '',
  ].join('\n');
}

function short(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}
