/** `1.5 GB`: decimal units, as disks and object stores count. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? String(value) : value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** `45 s`, `12 min`, `3.5 h`, `2.1 days`: a duration at a glance. */
export function formatDuration(seconds: number): string {
  if (seconds < 90) return `${String(Math.round(seconds))} s`;
  if (seconds < 90 * 60) return `${String(Math.round(seconds / 60))} min`;
  if (seconds < 48 * 3600) return `${(seconds / 3600).toFixed(1)} h`;
  return `${(seconds / 86_400).toFixed(1)} days`;
}

/** `2026-01-31 07:00 UTC`, or a dash. */
export function formatMoment(at: Date | null): string {
  return at === null ? '–' : `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `25,047`. */
export function formatNumber(value: number): string {
  return value.toLocaleString('en');
}

/** `20260131_070000`: a time in UTC, for names of files and records. */
export function fileTimestamp(at: Date): string {
  return at.toISOString().slice(0, 19).replace('T', '_').replaceAll(/[-:]/g, '');
}

/** `2026-01-31 07:00:00`: a time in UTC, to the second. */
export function formatSecond(at: Date): string {
  return at.toISOString().slice(0, 19).replace('T', ' ');
}
