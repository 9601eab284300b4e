import type { HealthState } from './health.ts';
import type { CollectionReport } from './report.ts';

/** `2026-01-31 07:00 UTC`, or a dash. */
export function formatMoment(at: Date | null): string {
  return at === null ? '–' : `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `25,047`. */
export function formatNumber(value: number): string {
  return value.toLocaleString('en');
}

/** The time that a report is about. */
export function periodText({ from, to }: Pick<CollectionReport, 'from' | 'to'>): string {
  return `${formatMoment(from)} to ${formatMoment(to)}`;
}

/** A state as people read it. */
export function healthText(state: HealthState): string {
  switch (state) {
    case 'ok':
      return 'ok';
    case 'warning':
      return 'late';
    case 'failing':
      return 'failing';
    case 'stale':
      return 'stale';
    case 'never':
      return 'never collected';
    case 'disabled':
      return 'disabled';
  }
}
