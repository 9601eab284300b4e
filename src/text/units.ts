/** Of 1, 1,000, 1,000,000 … bytes. */
export const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `1.5 GB`: decimal units, as disks and object stores count. */
export function formatBytes(bytes: number): string {
  const { value, unit } = scaleBytes(bytes);
  return `${unit === 0 ? String(value) : value.toFixed(1)} ${BYTE_UNITS[unit] ?? ''}`;
}

/** A size in the largest unit that is not above it. @returns `unit`: 0 for bytes, 1 for 1,000 bytes … 5 */
export function scaleBytes(bytes: number): { readonly value: number; readonly unit: number } {
  let value = bytes;
  let unit = 0;
  // What would be shown as 1000.0 is one of the next unit.
  while (value >= 999.95 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return { value, unit };
}

/** `45 s`, `12 min`, `3.5 h`, `2.1 days`: a duration at a glance. */
export function formatDuration(seconds: number): string {
  if (seconds < 90) return `${String(Math.round(seconds))} s`;
  if (seconds < 90 * 60) return `${String(Math.round(seconds / 60))} min`;
  if (seconds < 48 * 3600) return `${(seconds / 3600).toFixed(1)} h`;
  return `${(seconds / 86_400).toFixed(1)} days`;
}

/** `3:05`, `1:02:03`: a duration as players show it, without words. */
export function formatClock(seconds: number): string {
  const whole = Math.round(seconds);
  const hours = Math.floor(whole / 3600);
  const [minutes, rest] = [Math.floor((whole % 3600) / 60), String(whole % 60).padStart(2, '0')];
  return hours === 0
    ? `${String(minutes)}:${rest}`
    : `${String(hours)}:${String(minutes).padStart(2, '0')}:${rest}`;
}

/** `2026-01-31 07:00 UTC`, or a dash. */
export function formatMoment(at: Date | null): string {
  return at === null ? '–' : `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `20260131_070000`: a time in UTC, for names of files and records. */
export function fileTimestamp(at: Date): string {
  return at.toISOString().slice(0, 19).replace('T', '_').replaceAll(/[-:]/g, '');
}

/** `2026-01-31 07:00:00`: a time in UTC, to the second. */
export function formatSecond(at: Date): string {
  return at.toISOString().slice(0, 19).replace('T', ' ');
}
