export function number(value: number, digits = 0): string {
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Two digits that count, so that no result looks more exact than what it is computed from. */
export function about(value: number): string {
  if (value === 0) return '0';
  const digits = Math.max(0, 1 - Math.floor(Math.log10(Math.abs(value))));
  const step = 10 ** Math.floor(Math.log10(Math.abs(value)) - 1);
  return number(Math.round(value / step) * step, digits);
}

/** Of the units of the International System. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const exponent = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  return `${about(value / 1000 ** exponent)} ${units[exponent] ?? ''}`;
}

export function duration(seconds: number): string {
  if (seconds < 120) return `${about(seconds)} s`;
  if (seconds < 7_200) return `${about(seconds / 60)} min`;
  return seconds < 172_800 ? `${about(seconds / 3_600)} h` : `${about(seconds / 86_400)} days`;
}
